import { Input } from 'antd'
import { lazy, Suspense } from 'react'
import { useDesk } from '../../app/media'
import { dateOf, sayDay, sayMoment, useClock, wall } from '../../app/time'
import { useTranslation } from 'react-i18next'
import type { Bound } from './Pick'

const Calendar = lazy(() => import('./Calendar'))

/** A day or a moment: the system's own wheel on a phone, a calendar on a desk. */
export function DateInput({ moment, value, onChange, ...bound }: Bound<string> & { moment?: boolean }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const clock = useClock()
  const offset = sayOffset(clock?.offset ?? 0)
  const shown = value && (moment ? `${wall(value).date}T${wall(value).time}` : value)
  const take = (to: string | undefined) => onChange?.(to ? (moment ? `${to}:00${offset}` : to) : undefined)
  const said = value ? (moment ? sayMoment(value) : sayDay(value)) : t(moment ? 'form.datetime' : 'form.date')
  const wheel = (
    <span className={value ? 'wheel' : 'wheel open'} data-said={said}>
      <Input {...bound} type={moment ? 'datetime-local' : 'date'} value={shown ?? ''} onChange={(e) => take(e.target.value)} />
    </span>
  )
  if (!desk) return wheel
  return (
    <Suspense fallback={wheel}>
      <Calendar {...bound} moment={moment} today={clock && dateOf(clock)} value={shown} onChange={take} />
    </Suspense>
  )
}

function sayOffset(minutes: number): string {
  const two = (n: number) => String(Math.abs(Math.trunc(n))).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
