import { useState } from 'react'
import { useLocation } from 'react-router'
import type { Filter } from './tasks'
import { keyOf, readTasks } from './tasks'

/** What an address remembers of the list that it was opened from. */
export interface Opened {
  from: Filter
}

/** What follows in a list once a task is dealt with: the next one below it that is still there, else the first. */
export function following(order: string[], now: string[], task: string): string | undefined {
  const at = order.indexOf(task)
  const rest = [...order.slice(at + 1), ...now].filter((id) => id !== task)
  return rest.find((id) => now.includes(id))
}

/** Gives the task that comes after this one in the list that it was opened from; none where it was opened from elsewhere, or the list is done. */
export function useFollowing(task: string): () => string | undefined {
  const opened = useLocation().state as Opened | null
  const ids = () => (opened?.from ? readTasks(keyOf(opened.from)).map((t) => t.id) : [])
  const [order] = useState(ids)
  return () => following(order, ids(), task)
}
