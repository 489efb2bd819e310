import type { Box, Task } from '../api/types'
import { nearness, type Clock } from '../app/time'

/** A line of the list: a heading or a task. */
export type Row = { heading: 'late' | 'today' | 'later' } | { task: Task; n: number }

/** Boxes whose work is waited for, where what is late and due today stands on top under headings. */
const waitedFor: Box[] = ['todo', 'claimable']

/** The lines of a box. The server gives what is due first, so the headings only stand between. */
export function rowsOf(box: Box, tasks: Task[], clock: Clock | undefined): Row[] {
  if (!clock || !waitedFor.includes(box)) return tasks.map((task, n) => ({ task, n }))
  const out: Row[] = []
  let last = ''
  tasks.forEach((task, n) => {
    const heading = task.overdue ? 'late' : task.due_at && nearness(task.due_at, clock) !== 'later' ? 'today' : 'later'
    if (heading !== last) out.push({ heading })
    last = heading
    out.push({ task, n })
  })
  return out
}
