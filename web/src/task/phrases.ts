import { useState } from 'react'

/** How many phrases of their own somebody keeps. */
export const mostPhrases = 20

const before = 'crmflow.phrases.'

/** The phrases that a person keeps, on this device. Another person on the same device never sees them. */
export function usePhrases(person: string) {
  const at = before + person
  const [own, set] = useState(() => read(at))
  const keep = (now: string[]) => {
    set(now)
    write(at, now)
  }
  return {
    own,
    add: (phrase: string) => keep(added(own, phrase)),
    remove: (phrase: string) => keep(own.filter((p) => p !== phrase)),
  }
}

/** The newest first, each once; the oldest goes when there are too many. */
export function added(own: string[], phrase: string): string[] {
  const words = phrase.trim()
  return words ? [words, ...own.filter((p) => p !== words)].slice(0, mostPhrases) : own
}

/** A comment with a phrase put into it. */
export function withPhrase(comment: string, phrase: string): string {
  const begun = comment.trimEnd()
  return begun ? `${begun}\n${phrase}` : phrase
}

function read(at: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(at) ?? '[]')
    return Array.isArray(kept) ? kept.filter((p): p is string => typeof p === 'string').slice(0, mostPhrases) : []
  } catch {
    return [] // somebody else wrote there
  }
}

function write(at: string, own: string[]): void {
  try {
    localStorage.setItem(at, JSON.stringify(own))
  } catch {
    // the device keeps nothing: private windows, full storage
  }
}
