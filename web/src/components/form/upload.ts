import i18next from 'i18next'
import { useSyncExternalStore } from 'react'
import { newKey } from '../../api/client'
import { lost, Problem, problemIn } from '../../api/problem'
import type { FileRef } from '../../api/types'

/** Sends one file to be kept; what comes back is what a field holds. */
export async function upload(file: File): Promise<FileRef> {
  const body = new FormData()
  body.append('file', file)
  let response: Response
  try {
    response = await fetch('/api/v1/files', { method: 'POST', body, headers: { 'Accept-Language': i18next.language, 'Idempotency-Key': newKey() } })
  } catch {
    throw new Problem({ code: lost })
  }
  const said: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw problemIn(response, said)
  const { id, name, size, sha256 } = said as FileRef
  return { id, name, size, sha256 }
}

let under = 0
const heard = new Set<() => void>()

function count(by: number): void {
  under += by
  heard.forEach((tell) => tell())
}

/** Notes that files are on their way until what it gives is called. */
export function uploading(): () => void {
  count(1)
  return () => count(-1)
}

/** Whether a file that was chosen on this page is still on its way: what is sent now would go without it. */
export function useUploading(): boolean {
  return useSyncExternalStore(
    (changed) => {
      heard.add(changed)
      return () => heard.delete(changed)
    },
    () => under > 0,
  )
}

const pictures = ['.png', '.jpg', '.jpeg', '.gif', '.webp', '.heic']

/** Whether a field takes a file of this name: `accept` holds "image" and endings. */
export function accepts(accept: string[] | undefined, name: string): boolean {
  if (!accept?.length) return true
  const endings = accept.flatMap((sort) => (sort === 'image' ? pictures : [sort.startsWith('.') ? sort : '.' + sort]))
  return endings.some((ending) => name.toLowerCase().endsWith(ending.toLowerCase()))
}
