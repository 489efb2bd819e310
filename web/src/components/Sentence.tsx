import type { ReactNode } from 'react'

/** A remark that has to be noticed: a refusal, a warning, a finished act. */
export function Sentence({ tone, title, children }: { tone: 'bad' | 'warn' | 'good' | 'calm'; title?: string; children?: ReactNode }) {
  return (
    <div className={`sentence ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {title && <b>{title}</b>}
      {children}
    </div>
  )
}
