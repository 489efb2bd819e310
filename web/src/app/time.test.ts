import { expect, test } from 'vitest'
import { dateOf, daysBetween, nearness, offsetOf, span, wall } from './time'

const clock = { now: Date.parse('2026-11-23T17:30:00+08:00'), offset: 480 }

test('a moment stands on the company’s wall, whatever zone the browser is in', () => {
  expect(wall('2026-10-08T18:00:00+08:00')).toEqual({ date: '2026-10-08', time: '18:00' })
  expect(offsetOf('2026-10-08T18:00:00+08:00')).toBe(480)
  expect(offsetOf('2026-10-08T18:00:00-03:30')).toBe(-210)
  expect(offsetOf('2026-10-08T18:00:00Z')).toBe(0)
})

test('today is the company’s day, also where it is another one in Greenwich', () => {
  expect(dateOf(clock)).toBe('2026-11-23')
  expect(dateOf({ now: Date.parse('2026-11-24T01:00:00+08:00'), offset: 480 })).toBe('2026-11-24')
  expect(daysBetween('2026-11-23', '2026-12-01')).toBe(8)
})

test('what is due is late, due today, or later', () => {
  expect(nearness('2026-11-23T17:29:00+08:00', clock)).toBe('late')
  expect(nearness('2026-11-23T18:00:00+08:00', clock)).toBe('today')
  expect(nearness('2026-11-24T09:00:00+08:00', clock)).toBe('later')
})

test('a span is said in its largest unit, and never as nothing', () => {
  expect(span(1000)).toEqual({ unit: 'minutes', count: 1 })
  expect(span(90 * 60_000)).toEqual({ unit: 'hours', count: 1 })
  expect(span(47 * 3_600_000)).toEqual({ unit: 'hours', count: 47 })
  expect(span(49 * 3_600_000)).toEqual({ unit: 'days', count: 2 })
})
