import { expect, test } from 'vitest'
import type { Case, Task } from '../api/types'
import { rowsOf, rowsOfCases, unique } from './rows'

const clock = { now: Date.parse('2026-11-23T09:00:00+08:00'), offset: 480 }
const task = (id: string, due_at: string | null, overdue = false) => ({ id, due_at, overdue }) as Task

test('late, due today and later stand under headings, each once', () => {
  const rows = rowsOf({ box: 'todo', newest: false }, [task('a', '2026-11-20T18:00:00+08:00', true), task('b', '2026-11-23T18:00:00+08:00'), task('c', '2026-11-23T18:00:00+08:00'), task('d', '2026-11-24T18:00:00+08:00'), task('e', null)], clock)
  expect(rows.map((r) => ('heading' in r ? r.heading : r.of.id))).toEqual(['late', 'a', 'today', 'b', 'c', 'later', 'd', 'e'])
})

test('what is over has no headings', () => {
  expect(rowsOf({ box: 'done', newest: false }, [task('a', '2026-11-20T18:00:00+08:00', true)], clock)).toHaveLength(1)
})

test('from the newest on nothing has headings', () => {
  expect(rowsOf({ box: 'todo', newest: true }, [task('a', '2026-11-20T18:00:00+08:00', true), task('b', null)], clock)).toHaveLength(2)
})

test('cases that run stand before those that have ended, each under a heading', () => {
  const cases = [{ id: 'a', status: 'running' }, { id: 'c', status: 'ended' }, { id: 'b', status: 'suspended' }, { id: 'd', status: 'ended' }] as Case[]
  expect(rowsOfCases(cases).map((r) => ('heading' in r ? r.heading : `${r.n} ${r.of.id}`))).toEqual(['running', '0 a', '1 b', 'over', '2 c', '3 d'])
})

test('what moved from one page to the next stands once, as it is now', () => {
  expect(unique([{ id: 'a', n: 1 }, { id: 'b', n: 1 }, { id: 'a', n: 2 }])).toEqual([{ id: 'a', n: 2 }, { id: 'b', n: 1 }])
})
