import { useCallback, useEffect, useState } from 'react'
import type { Box, Task } from '../api/types'
import { useMoves } from '../app/live'
import { aloneBecause, mostAtOnce } from './bulk'
import { readAgain } from './tasks'

/** A task that was chosen and is so no more, because it isn't what the reader saw. */
export interface Dropped {
  task: Task
  because: 'changed' | 'gone'
}

/** The tasks of a box that the reader has chosen, as they were when they chose them. What changes meanwhile drops out, and why is said. */
export function useChosen(box: Box, tasks: Task[], whole: boolean) {
  const [chosen, set] = useState<Map<string, Task>>(new Map())
  const [dropped, setDropped] = useState<Dropped[]>([])
  const [choosing, setChoosing] = useState(false)

  useEffect(() => {
    const there = new Map(tasks.map((task) => [task.id, task]))
    const out: Dropped[] = []
    for (const task of chosen.values()) {
      const now = there.get(task.id)
      if (now ? now.seen !== task.seen : whole) out.push({ task, because: now ? 'changed' : 'gone' })
    }
    if (!out.length) return
    set((was) => without(was, out.map((d) => d.task.id)))
    setDropped((was) => [...was, ...out])
  }, [tasks, whole, chosen])

  // What moves in a case changes no box, and so isn't news of one; of what is chosen it may have changed the content.
  useMoves(useCallback((id: string) => [...chosen.values()].some((task) => task.case === id) && readAgain(), [chosen]))

  const toggle = useCallback(
    (task: Task) => {
      if (aloneBecause(box, task)) return
      setDropped([])
      setChoosing(true)
      set((was) => {
        if (was.has(task.id)) return without(was, [task.id])
        return was.size < mostAtOnce ? new Map(was).set(task.id, task) : was
      })
    },
    [box],
  )
  const all = useCallback(() => {
    setDropped([])
    set((was) => {
      const now = new Map(was)
      for (const task of tasks) if (now.size < mostAtOnce && !aloneBecause(box, task)) now.set(task.id, task)
      return now
    })
  }, [box, tasks])
  const begin = useCallback(() => setChoosing(true), [])
  const end = useCallback(() => {
    set(new Map())
    setDropped([])
    setChoosing(false)
  }, [])
  /** Takes out what is dealt with, or has to be looked at again. */
  const remove = useCallback((ids: string[]) => set((was) => without(was, ids)), [])
  return { chosen, dropped, choosing, toggle, all, begin, end, remove }
}

export type Chosen = ReturnType<typeof useChosen>

function without(was: Map<string, Task>, ids: string[]): Map<string, Task> {
  const now = new Map(was)
  for (const id of ids) now.delete(id)
  return now
}
