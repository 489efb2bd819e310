import { expect, test } from 'vitest'
import type { Task } from '../api/types'
import { rowsOf } from './rows'

const clock = { now: Date.parse('2026-11-23T09:00:00+08:00'), offset: 480 }
const task = (id: string, due_at: string | null, overdue = false) => ({ id, due_at, overdue }) as Task

test('late, due today and later stand under headings, each once', () => {
  const rows = rowsOf('todo', [task('a', '2026-11-20T18:00:00+08:00', true), task('b', '2026-11-23T18:00:00+08:00'), task('c', '2026-11-23T18:00:00+08:00'), task('d', '2026-11-24T18:00:00+08:00'), task('e', null)], clock)
  expect(rows.map((r) => ('heading' in r ? r.heading : r.task.id))).toEqual(['late', 'a', 'today', 'b', 'c', 'later', 'd', 'e'])
})

test('what is over has no headings', () => {
  expect(rowsOf('done', [task('a', '2026-11-20T18:00:00+08:00', true)], clock)).toHaveLength(1)
})
