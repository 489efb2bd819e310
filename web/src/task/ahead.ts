import type { PreviewStep, Task } from '../api/types'

/** One of the ways that a coming step may go: whom it asks, and when it is this one. */
export interface Way {
  who: string[]
  /** Why somebody will be asked whom nobody knows yet. */
  why: string | null
  when: string | null
  because: string | null
  certain: boolean
}

/** A coming step: it stands once, however many ways it may go. */
export interface Ahead {
  key: string
  title: string
  item: string | null
  ways: Way[]
}

/** The steps that ask somebody after the one that a task is at, in the order they come. */
export function aheadOf(steps: PreviewStep[], task: Pick<Task, 'step' | 'item'>): Ahead[] {
  const all = new Map<string, Ahead>()
  for (const s of steps) {
    if (s.who.length === 0 || (s.step === task.step && (s.item ?? null) === (task.item ?? null))) continue
    const key = s.step + '@' + (s.item ?? '')
    const step = all.get(key) ?? { key, title: s.title || s.step, item: s.item_title ?? s.item ?? null, ways: [] }
    const who = s.who.flatMap((p) => (p.user ? [p.user] : []))
    step.ways.push({ who, why: s.who[0]?.because ?? null, when: s.when ?? null, because: s.because ?? null, certain: s.certain })
    all.set(key, step)
  }
  return [...all.values()]
}

/** A word at the beginning of a line. */
export function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
