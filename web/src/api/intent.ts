import { useMemo, useRef } from 'react'
import { newKey } from './client'
import { problemOf } from './problem'

/**
 * The keys of what somebody is about to send. The same thing said again – because nobody knows whether it arrived – has the same key, and so one effect;
 * something else, or anything after an answer, is a new intention.
 */
export function useIntent() {
  const last = useRef<{ said: string; key: string } | null>(null)
  return useMemo(
    () => ({
      key(said: unknown): string {
        const text = JSON.stringify(said)
        if (last.current?.said !== text) last.current = { said: text, key: newKey() }
        return last.current.key
      },
      answered(thrown?: unknown): void {
        if (thrown === undefined || !problemOf(thrown).unknown) last.current = null
      },
    }),
    [],
  )
}
