import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { usePerson } from '../api/people'
import { useAdmin } from '../api/session'
import type { Handover, User } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Card } from '../components/Card'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { NotFound } from '../components/NotFound'
import { Page } from '../components/Page'
import { Sentence } from '../components/Sentence'
import { PersonPick } from '../components/form'
import { HandoverItems } from './HandoverItems'
import { HandoverSheet } from './HandoverSheet'
import { useHandover, useHandoverPreview, useOne, type Successors } from './queries'
import './people.css'

/** Somebody leaves: what they have, who takes it over, and afterwards how far that is. */
export default function HandoverPage() {
  const { id = '' } = useParams()
  const admin = useAdmin()
  const { data: user, error, refetch } = useOne(id)
  const left = admin && user?.active === false
  const { data: last, error: failed, refetch: again } = useHandover(id, left)
  const handover = left ? last : null // who is here hasn't left, or has come back
  if (!admin || user === null) return <NotFound />
  if ((error && !user) || (failed && handover === undefined)) return <Failed problem={error ?? failed} again={() => void Promise.all([refetch(), again()])} />
  if (!user || handover === undefined) return <Loading page />
  return <Seen key={user.id} user={user} handover={handover} />
}

function Seen({ user, handover }: { user: User; handover: Handover | null }) {
  const { t } = useTranslation()
  const [anew, begin] = useState(false)
  return (
    <Page title={t('handover.title')} back={`/people/${user.id}`} sub={[user.name, user.title].filter(Boolean).join(' · ')}>
      {handover && <Progress handover={handover} />}
      {handover && !anew ? (
        <>
          {handover.items.some((item) => item.count > 0) && (
            <Card title={t('handover.left')}>
              <HandoverItems items={handover.items} />
            </Card>
          )}
          {handover.status === 'done' && <Button onClick={() => begin(true)}>{t('handover.again')}</Button>}
        </>
      ) : (
        <Ask user={user} done={() => begin(false)} />
      )}
    </Page>
  )
}

/** How far the newest handover is. */
function Progress({ handover }: { handover: Handover }) {
  const { t } = useTranslation()
  const clock = useClock()
  const by = usePerson(handover.by)
  const { cases, records } = handover.moved
  const done = handover.status === 'done'
  return (
    <Sentence tone={handover.failed ? 'warn' : done ? 'good' : 'calm'} title={t(done ? 'handover.finished' : 'handover.running', { cases, records })}>
      <p>{t('handover.by', { by: by?.name ?? handover.by ?? '', at: sayMoment(handover.at, clock), reason: handover.comment })}</p>
      {handover.failed > 0 && <p>{t('handover.failed', { count: handover.failed })}</p>}
    </Sentence>
  )
}

/** Asks who takes over, and shows what that means before anything is done. */
function Ask({ user, done }: { user: User; done: () => void }) {
  const { t } = useTranslation()
  const say = useSay()
  const [to, choose] = useState<string>()
  const [instead, set] = useState<Successors['instead']>({})
  const [asking, ask] = useState(false)
  const successor = usePerson(to)
  const { data: preview, error, isPlaceholderData } = useHandoverPreview(user.id, { to, instead })
  const part = (what: string, who: string | undefined) => set((was) => Object.fromEntries(Object.entries({ ...was, [what]: who ?? '' }).filter(([, to]) => to)))
  const name = successor?.name ?? to ?? ''
  return (
    <>
      <p className="soft lead">{t('handover.text', { who: user.name })}</p>
      <Card>
        <label className="labelled" htmlFor="successor">
          <span>{t('handover.to')}</span>
        </label>
        <PersonPick id="successor" value={to} except={[user.id]} onChange={(who) => choose(who as string | undefined)} />
        {!to && <p className="soft small">{t('handover.toText')}</p>}
      </Card>
      {error && (
        <Sentence tone="bad">
          <p className="lines-of">{say(error)}</p>
        </Sentence>
      )}
      {to && !error && (
        <Card title={t('handover.preview')}>
          {preview ? <HandoverItems items={preview.items} except={user.id} instead={instead} set={part} busy={isPlaceholderData} /> : <Loading />}
        </Card>
      )}
      {to && preview && !error && (
        <Button type="primary" danger size="large" disabled={isPlaceholderData} onClick={() => ask(true)}>
          {t('handover.go', { to: name })}
        </Button>
      )}
      {asking && to && <HandoverSheet user={user} name={name} successors={{ to, instead }} close={() => ask(false)} done={done} />}
    </>
  )
}
