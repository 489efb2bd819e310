import type { Box, Case, Task } from '../api/types'
import { nearness, type Clock } from '../app/time'
import type { Filter } from './tasks'

/** A line of a list: a heading, or the n-th of what it holds. */
export type Row<Of> = { heading: 'late' | 'today' | 'later' | 'running' | 'over' } | { of: Of; n: number }

/** Whether a box holds work that is waited for: what is late and due today stands on top under headings, unless it is read from the newest on. */
export const isWaitedFor = (box: Box): boolean => box === 'todo' || box === 'claimable'

/** The lines of a box. The server gives what is due first, so the headings only stand between. */
export function rowsOf({ box, newest }: Pick<Filter, 'box' | 'newest'>, tasks: Task[], clock: Clock | undefined): Row<Task>[] {
  if (!clock || newest || !isWaitedFor(box)) return tasks.map((of, n) => ({ of, n }))
  const out: Row<Task>[] = []
  let last = ''
  tasks.forEach((task, n) => {
    const heading = task.overdue ? 'late' : task.due_at && nearness(task.due_at, clock) !== 'later' ? 'today' : 'later'
    if (heading !== last) out.push({ heading })
    last = heading
    out.push({ of: task, n })
  })
  return out
}

/** The lines of the cases that somebody has started: those that run come first. */
export function rowsOfCases(cases: Case[]): Row<Case>[] {
  const runs = (of: Case) => of.status !== 'ended'
  const lines = [...cases.filter(runs), ...cases.filter((of) => !runs(of))].map((of, n) => ({ of, n }))
  const running = lines.filter(({ of }) => runs(of))
  const over = lines.slice(running.length)
  return [...(running.length ? [{ heading: 'running' as const }, ...running] : []), ...(over.length ? [{ heading: 'over' as const }, ...over] : [])]
}

/** Each of a list once, even if it moved from one page to the next while they were read. */
export function unique<Of extends { id: string }>(list: Of[]): Of[] {
  return [...new Map(list.map((one) => [one.id, one])).values()]
}
