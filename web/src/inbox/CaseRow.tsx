import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Case } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Due } from '../components/Due'
import { Names } from '../components/Person'
import { wordOf } from '../i18n'

interface Props {
  kase: Case
  chosen: boolean
  choose: () => void
  urge: (kase: Case) => void
}

/** A case in a list: about whom, what it is, where it stands and with whom, by when; and urging those whom it waits for. */
export function CaseRow({ kase, chosen, choose, urge }: Props) {
  const { t } = useTranslation()
  const clock = useClock()
  const late = kase.status === 'running' && kase.open.some((o) => o.due_at && clock && Date.parse(o.due_at) < clock.now)
  return (
    <article className={['task', chosen ? 'chosen' : '', late ? 'overdue' : ''].filter(Boolean).join(' ')}>
      <div className="what">
        <Link to={`/cases/${kase.id}`} className="cover" onFocus={choose}>
          {kase.subject || kase.number}
        </Link>
        <span className="soft">
          {kase.title} · {kase.number}
        </span>
      </div>
      <span className="facts-line where">
        <Where kase={kase} />
      </span>
      <When kase={kase} />
      {kase.actions.includes('urge') && (
        <Button className="act" aria-label={t('inbox.urge', { title: kase.subject || kase.number })} onClick={() => urge(kase)}>
          {t('act.urge')}
        </Button>
      )}
    </article>
  )
}

/** Where a case stands, as one would say it in passing. */
function Where({ kase }: { kase: Case }) {
  const { t } = useTranslation()
  const clock = useClock()
  if (kase.status === 'ended') return <span className="soft">{t('inbox.begun', { at: sayMoment(kase.started_at, clock) })}</span>
  if (kase.status === 'suspended') return <b className="warned">{t('case.suspended')}</b>
  if (kase.held) return <b className="warned">{t('case.held')}</b>
  const steps = [...new Set(kase.open.map((o) => o.title))]
  if (steps.length) {
    return steps.map((title) => {
      const who = [...new Set(kase.open.flatMap((o) => (o.title === title ? o.who : [])))]
      return (
        <span key={title} className="fact">
          {who.length ? t('app.of', { name: title }) : title}
          <Names ids={who} />
        </span>
      )
    })
  }
  const waits = [...new Set(kase.waits.map((w) => w.title))]
  if (waits.length) return t('case.waits', { step: waits.join(t('app.list')) })
  return t('case.status.running')
}

/** By when something is due, the first of all; of what is over, how and when it ended. */
function When({ kase }: { kase: Case }) {
  const clock = useClock()
  if (kase.status === 'ended') {
    return (
      <span className="when">
        <span className={`outcome ${kase.outcome ?? ''}`}>{wordOf('outcome', kase.outcome ?? 'done')}</span>
        {kase.ended_at && <small className="soft">{sayMoment(kase.ended_at, clock)}</small>}
      </span>
    )
  }
  const due = [...kase.open, ...kase.waits].flatMap((o) => (o.due_at ? [o.due_at] : [])).sort((a, b) => Date.parse(a) - Date.parse(b))[0]
  return <span className="when">{kase.status === 'running' && <Due at={due} />}</span>
}
