import createClient from 'openapi-fetch'
import i18next from 'i18next'
import type { Paths } from './agreed'
import { problemIn, Problem, lost } from './problem'

/** How long an answer may take, in milliseconds; the server gives up earlier. */
const patience = 30_000

/** fetch that speaks the reader's language and says "lost" where there was no answer. */
async function ask(request: Request): Promise<Response> {
  const asked = new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(patience)]) })
  asked.headers.set('Accept-Language', i18next.language || 'zh')
  try {
    return await fetch(asked)
  } catch (thrown) {
    if (request.signal.aborted) throw thrown
    throw new Problem({ code: lost })
  }
}

/** Every call of the API, typed from openapi.json. Use it through {@link data}. */
export const api = createClient<Paths>({ fetch: ask, querySerializer: { array: { style: 'form', explode: true } } })

/** The body of a successful answer; anything else is thrown as a Problem. */
export async function data<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const answer = await call
  if (!answer.response.ok) throw problemIn(answer.response, answer.error)
  return answer.data as T
}

/** Everything in a list, page by page. */
export async function every<T>(read: (cursor: string | undefined) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const { items, next } = await read(cursor)
    all.push(...items)
    cursor = next ?? undefined
  } while (cursor)
  return all
}

/** A new name for one intention of a person: sent with a POST, it makes a repetition of the same one harmless. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}
