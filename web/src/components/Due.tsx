import { useTranslation } from 'react-i18next'
import { dateOf, daysBetween, nearness, sayDay, sayMoment, sayWeekday, span, useClock, wall, type Clock } from '../app/time'

/** When something is due, as people say it, and how near that is. */
export function useDue(): (due: string, clock: Clock) => string {
  const { t } = useTranslation()
  return (due, clock) => {
    const { date, time } = wall(due)
    if (nearness(due, clock) === 'late') {
      const { unit, count } = span(clock.now - Date.parse(due))
      return t('due.late', { for: t(`due.${unit}`, { count }) })
    }
    const today = dateOf(clock)
    const away = daysBetween(today, date)
    if (away <= 0) return t('due.today', { time })
    if (away === 1) return t('due.tomorrow', { time })
    return t('due.at', { day: away < 7 ? sayWeekday(date) : sayDay(date, today), time })
  }
}

/** The limit of a task, coloured by how near it is; the exact moment is its hint. */
export function Due({ at, done = false }: { at: string | null | undefined; done?: boolean }) {
  const { t } = useTranslation()
  const clock = useClock()
  const say = useDue()
  if (!at || !clock) return null
  if (done) return <span className="due">{t('due.by', { at: sayMoment(at, clock) })}</span>
  return (
    <span className={`due ${nearness(at, clock)}`} title={t('due.by', { at: sayMoment(at, clock) })}>
      {say(at, clock)}
    </span>
  )
}
