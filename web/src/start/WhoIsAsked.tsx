import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import { chainOf } from '../case/chain'
import { Chain } from '../case/Chain'
import { Card } from '../components/Card'
import { useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { useAsked, type About } from './asked'
import '../case/case.css'

/** Who will be asked and why, before anything is sent; alternatives where that depends on what nobody has filled in yet. */
export function WhoIsAsked({ about, ready }: { about: About; ready: boolean }) {
  const { t } = useTranslation()
  const say = useSay()
  const { data: last, error, isFetching } = useAsked(about, ready)
  const preview = ready ? last : undefined // without what is required nothing is foretold, nor what was before
  const unfinished = !ready || problemOf(error).code === 'field_required'
  return (
    <Card title={t('start.asked')} className="asked-card">
      {unfinished && !preview ? (
        <p className="soft">{t('start.askedWait')}</p>
      ) : error ? (
        <p className="soft" role="status">
          {t('start.askedFailed')} {say(error)}
        </p>
      ) : preview ? (
        <div aria-busy={isFetching}>
          <p className="soft">{t('start.askedText')}</p>
          <Chain nodes={chainOf({ steps: [], open: [], status: 'running' }, [], preview.steps)} />
        </div>
      ) : (
        <Loading />
      )}
    </Card>
  )
}
