import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, data } from '../api/client'
import { language } from '../i18n'

/** Business time is the server's: it has its own now and speed, and the company's offset. The page never asks the machine for the date. */
export interface Clock {
  /** Business time in milliseconds. */
  now: number
  /** The company's offset in minutes. */
  offset: number
}

/** The wall clock of a moment as the company writes it. */
export interface Wall {
  date: string // 2026-10-08
  time: string // 18:00
}

const minute = 60_000
const day = 24 * 60 * minute

/** A moment on the company's wall: what stands in the text, whatever zone the browser is in. */
export function wall(moment: string): Wall {
  return { date: moment.slice(0, 10), time: moment.slice(11, 16) }
}

/** The offset that a moment is written with, in minutes. */
export function offsetOf(moment: string): number {
  const found = /([+-])(\d\d):(\d\d)$/.exec(moment)
  return found ? (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) : 0
}

/** The company's date at a moment of business time. */
export function dateOf(clock: Clock): string {
  return new Date(clock.now + clock.offset * minute).toISOString().slice(0, 10)
}

/** Days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / day)
}

/** A day as people write it: the year only where it is another one. */
export function sayDay(date: string, today?: string): string {
  const at = new Date(date + 'T00:00:00Z')
  const year = today && today.slice(0, 4) === date.slice(0, 4) ? undefined : ('numeric' as const)
  return new Intl.DateTimeFormat(language() === 'en' ? 'en-GB' : 'zh-CN', { timeZone: 'UTC', year, month: 'short', day: 'numeric' }).format(at)
}

/** The day of the week. */
export function sayWeekday(date: string): string {
  return new Intl.DateTimeFormat(language() === 'en' ? 'en-GB' : 'zh-CN', { timeZone: 'UTC', weekday: 'short' }).format(new Date(date + 'T00:00:00Z'))
}

/** A moment with its day and time. */
export function sayMoment(moment: string, clock?: Clock): string {
  const { date, time } = wall(moment)
  return `${sayDay(date, clock && dateOf(clock))} ${time}`
}

/** How far something due is away, for colours and headings. */
export type Nearness = 'late' | 'today' | 'later'

export function nearness(moment: string, clock: Clock): Nearness {
  if (Date.parse(moment) < clock.now) return 'late'
  return wall(moment).date <= dateOf(clock) ? 'today' : 'later'
}

/** The largest unit of a span, for "2 h late". */
export function span(milliseconds: number): { unit: 'days' | 'hours' | 'minutes'; count: number } {
  const minutes = Math.max(1, Math.floor(milliseconds / minute))
  if (minutes < 60) return { unit: 'minutes', count: minutes }
  if (minutes < 48 * 60) return { unit: 'hours', count: Math.floor(minutes / 60) }
  return { unit: 'days', count: Math.floor(minutes / 60 / 24) }
}

/** How often the page looks at the clock, in milliseconds. */
const tick = 20_000

/** Business time, going on by itself; undefined until the server has said it once. */
export function useClock(): Clock | undefined {
  const { data: read, dataUpdatedAt } = useQuery({
    queryKey: ['clock'],
    queryFn: () => data(api.GET('/api/v1/clock')),
    staleTime: 5 * minute,
    refetchInterval: 5 * minute,
  })
  const [real, setReal] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setReal(Date.now()), tick)
    return () => clearInterval(timer)
  }, [])
  if (!read) return undefined
  return { now: Date.parse(read.now) + Math.max(0, real - dataUpdatedAt) * read.scale, offset: offsetOf(read.now) }
}
