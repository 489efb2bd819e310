import i18next from 'i18next'
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

const pictures = ['.png', '.jpg', '.jpeg', '.gif', '.webp', '.heic']

/** Whether a field takes a file of this name: `accept` holds "image" and endings. */
export function accepts(accept: string[] | undefined, name: string): boolean {
  if (!accept?.length) return true
  const endings = accept.flatMap((sort) => (sort === 'image' ? pictures : [sort.startsWith('.') ? sort : '.' + sort]))
  return endings.some((ending) => name.toLowerCase().endsWith(ending.toLowerCase()))
}
