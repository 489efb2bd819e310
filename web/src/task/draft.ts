import { useCallback, useEffect, useRef, useState } from 'react'
import type { Values } from '../components/form'

/** What somebody has begun to write about a task. */
export interface Draft {
  comment: string
  /** What was written in a sheet that asks for a reason. */
  reason?: string | undefined
  fields: Values
}

/** How long fingers rest before a draft is kept, in milliseconds. */
const rest = 400
/** Drafts of tasks that nobody came back to are forgotten after this many days. */
const days = 30

const before = 'crmflow.draft.'

/** The draft of a person about a task, on this device, until it is sent. Another person on the same device never sees it. */
export function useDraft(person: string, task: string) {
  const at = `${before}${person}.${task}`
  const [begun] = useState(() => read(at))
  const [kept, keep] = useState(Boolean(begun))
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef<Draft | null>(null)
  const flush = useCallback(() => {
    clearTimeout(timer.current)
    if (!latest.current) return
    write(at, latest.current)
    latest.current = null
    keep(true)
  }, [at])
  useEffect(() => {
    addEventListener('pagehide', flush)
    return () => {
      removeEventListener('pagehide', flush)
      flush()
    }
  }, [flush])
  const forget = useCallback(() => {
    clearTimeout(timer.current)
    latest.current = null
    localStorage.removeItem(at)
    keep(false)
  }, [at])
  const save = useCallback(
    (draft: Draft) => {
      if (isBlank(draft)) return forget()
      latest.current = draft
      clearTimeout(timer.current)
      timer.current = setTimeout(flush, rest)
    },
    [flush, forget],
  )
  return { begun, kept, save, forget }
}

/** Whether nothing was written after all. */
export function isBlank({ comment, reason, fields }: Draft): boolean {
  return !comment && !reason && !Object.keys(fields).length
}

function read(at: string): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(at) ?? 'null') as (Draft & { at: number }) | null
    return kept && { comment: kept.comment, reason: kept.reason, fields: kept.fields }
  } catch {
    return null // somebody else wrote there
  }
}

function write(at: string, draft: Draft): void {
  const now = Date.now()
  try {
    localStorage.setItem(at, JSON.stringify({ ...draft, at: now }))
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(before)) continue
      const { at: when } = JSON.parse(localStorage.getItem(key) ?? '{}') as { at?: number }
      if (now - (when ?? 0) > days * 24 * 3_600_000) localStorage.removeItem(key)
    }
  } catch {
    // the device keeps nothing: private windows, full storage
  }
}
