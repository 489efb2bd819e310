import { useTranslation } from 'react-i18next'
import type { Case } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { useMinutes } from './minutes'

/** The clocks of a case: how much time is left, until when, and why. */
export function Clocks({ clocks }: { clocks: Case['clocks'] }) {
  const { t } = useTranslation()
  const clock = useClock()
  const say = useMinutes()
  if (!clocks.length) return null
  return (
    <ul className="clocks">
      {clocks.map((c) => {
        const late = c.status === 'running' && (c.left_minutes ?? 0) < 0
        return (
          <li key={c.id} className={late ? 'late' : c.status}>
            <b>{c.title}</b>
            <span className="left">
              {c.status === 'done' && t('case.clockDone', { used: say(c.used_minutes) })}
              {c.status !== 'done' && (late ? t('case.clockLate', { time: say(-(c.left_minutes ?? 0)) }) : t('case.clockLeft', { time: say(c.left_minutes ?? 0) }))}
            </span>
            <small>
              {[c.target && c.status === 'running' ? t('due.by', { at: sayMoment(c.target, clock) }) : '', c.because ?? ''].filter(Boolean).join(' · ')}
            </small>
          </li>
        )
      })}
    </ul>
  )
}
