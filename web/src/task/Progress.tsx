import { useTranslation } from 'react-i18next'
import type { Entry, Task } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { usePreview, useTimeline } from '../case/queries'
import { Card } from '../components/Card'
import { Name, Names } from '../components/Person'
import { wordOf } from '../i18n'
import { aheadOf, capital, type Ahead } from './ahead'

/** Events that tell the story of a case; the rest is for whoever reads it whole. */
const told = ['started', 'decided', 'returned', 'transferred', 'added', 'removed', 'taken_back', 'assigned', 'late', 'handed_up', 'clock_stopped', 'clock_started', 'withdrawn', 'ended']
/** How many of them stand here. */
const most = 8

/** Whether an entry is part of that story: what clocks and waits do by themselves isn't. */
function isTold(e: Entry): boolean {
  return told.includes(e.event) && (Boolean(e.by) || !['decided', 'clock_started'].includes(e.event))
}

/** Who decided and who comes next. */
export function Progress({ task }: { task: Task }) {
  const { t } = useTranslation()
  const past = useTimeline(task.case, true)
  const next = usePreview(task.case, true)
  const entries = (past.data ?? []).filter(isTold)
  const steps = new Map((next.data?.steps ?? []).map((s) => [s.step, s.title]))
  steps.set(task.step, task.title)
  const ahead = aheadOf(next.data?.steps ?? [], task)
  return (
    <Card title={t('task.progress')}>
      <ol className="story">
        {entries.slice(-most).map((e) => (
          <Past key={e.seq} entry={e} title={(e as { title?: string }).title || (e.step ? steps.get(e.step) : undefined)} />
        ))}
        {task.status === 'open' && (
          <li className="now">
            <b>{task.title}</b>
            <span className="soft">
              <Names ids={task.assignee ? [task.assignee] : task.candidates} />
            </span>
          </li>
        )}
        {ahead.slice(0, most).map((step) => (
          <Next key={step.key} step={step} />
        ))}
      </ol>
      {entries.length > most && <p className="soft small">{t('task.outOf', { count: entries.length })}</p>}
    </Card>
  )
}

function Past({ entry, title }: { entry: Entry; title: string | undefined }) {
  const { t } = useTranslation()
  const clock = useClock()
  const stopped = entry.event === 'clock_stopped' && entry.reason
  const event = told.includes(entry.event) ? (entry.event as 'decided') : null
  const what = entry.outcome ? capital(entry.words[entry.outcome] ?? wordOf('outcome', entry.outcome)) : event ? t(`event.${event}`) : t('event.other')
  return (
    <li className={`past ${entry.outcome ?? entry.event}`}>
      <b>
        {entry.by && (
          <>
            <Name id={entry.by} /> ·{' '}
          </>
        )}
        {what}
        {entry.for && entry.for !== entry.by && (
          <small className="soft">
            {' '}
            {entry.by ? t('event.for', { who: '' }) : '· '}
            <Name id={entry.for} />
          </small>
        )}
      </b>
      <span className="soft">
        {[title, entry.item_title, sayMoment(entry.at, clock)].filter(Boolean).join(' · ')}
      </span>
      {stopped && <span className="soft">{entry.words[stopped] ?? wordOf('choice', stopped)}</span>}
      {entry.comment && <blockquote>{entry.comment}</blockquote>}
    </li>
  )
}

function Next({ step }: { step: Ahead }) {
  const { t } = useTranslation()
  const [only] = step.ways.length === 1 ? step.ways : []
  return (
    <li className={only?.certain ? 'next' : 'next perhaps'}>
      <b>
        {step.title}
        {step.item && <small className="soft"> {step.item}</small>}
        {only && !only.certain && <small className="soft"> {t('task.nextPerhaps')}</small>}
      </b>
      {step.ways.map((way, i) => (
        <span key={i} className="soft">
          {!only && way.when && t('app.of', { name: t('case.when', { condition: way.when }) })}
          {way.who.length ? <Names ids={way.who} /> : (way.why ?? t('task.nobody'))}
        </span>
      ))}
      {only && !only.certain && only.because && <span className="soft small">{only.because}</span>}
    </li>
  )
}
