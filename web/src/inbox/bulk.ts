import type { Box, Field, Task } from '../api/types'
import { isEmpty } from '../components/form/field'

/** What can be done with several tasks at once. */
export type BulkAct = 'approve' | 'reject' | 'claim' | 'read'

/** The most that the API takes at once. */
export const mostAtOnce = 100

const acts: { [box in Box]?: BulkAct[] } = { todo: ['approve', 'reject'], claimable: ['claim'], copied: ['read'] }

/** What can be done with several tasks of a box; nothing: none of them can be chosen. */
export const bulkActs = (box: Box): BulkAct[] => acts[box] ?? []

/** Why a task is dealt with by itself. */
export type Alone = 'work' | 'bulk' | 'sign' | 'fill' | 'read'

/** Why a task can't be chosen together with others; null: it can. The server decides. */
export function aloneBecause(box: Box, task: Task): Alone | null {
  if (box === 'copied') return task.actions.includes('read') ? null : 'read'
  if (!task.bulk) return 'bulk'
  if (box === 'claimable') return null
  if (!task.actions.includes('approve')) return 'work'
  if (task.signature) return 'sign'
  return (task.form as Field[]).some((f) => f.access === 'edit' && f.required && isEmpty(f.value)) ? 'fill' : null
}
