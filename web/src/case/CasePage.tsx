import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { CaseOffice } from '../admin/CaseOffice'
import { RecordLink } from '../components/form/Value'
import { Card } from '../components/Card'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import type { Case } from '../api/types'
import { CaseActions } from './CaseActions'
import { CommentOn } from './CommentOn'
import { chainOf } from './chain'
import { Chain } from './Chain'
import { Clocks } from './Clocks'
import { Copies } from './Copies'
import { Kin } from './Kin'
import { Opinions } from './Opinions'
import { useCase, usePreview, useTimeline } from './queries'
import { Standing } from './Standing'
import { Timeline } from './Timeline'
import './case.css'

/** A case: where it stands, its chain, and what happened to it, in words that can be read to the customer. */
export default function CasePage() {
  const { id = '' } = useParams()
  const { data: kase, error, refetch } = useCase(id)
  if (error && !kase) return <Failed problem={error} again={() => void refetch()} />
  if (!kase) return <Loading page />
  return <Seen key={kase.id} kase={kase} />
}

function Seen({ kase }: { kase: Case }) {
  const { t } = useTranslation()
  const timeline = useTimeline(kase.id, true)
  const { data: preview } = usePreview(kase.id, kase.status === 'running')
  const chain = chainOf(kase, timeline.data ?? [], preview?.steps ?? [])
  return (
    <Page
      title={kase.subject}
      back="/inbox/started"
      actions={<CaseActions kase={kase} />}
      sub={
        <>
          {kase.title} · <span className="figure">{kase.number}</span>
        </>
      }
    >
      <Standing kase={kase} chain={chain} />
      <Clocks clocks={kase.clocks} />
      <p className="about">
        {t('case.about')} <RecordLink to={kase.record} /> <CaseOffice kase={kase} />
      </p>
      <Kin kase={kase} />
      <div className="halves">
        <div>
          <Card title={t('case.chain')}>
            <Chain nodes={chain} />
          </Card>
          <Copies kase={kase} />
          <Opinions of={kase.earlier} />
        </div>
        <Card title={t('case.timeline')}>
          {kase.actions.includes('comments') && <CommentOn id={kase.id} />}
          {timeline.error && !timeline.data ? <Failed problem={timeline.error} again={() => void timeline.refetch()} /> : timeline.data ? <Timeline entries={timeline.data} /> : <Loading />}
        </Card>
      </div>
    </Page>
  )
}
