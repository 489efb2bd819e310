/** One thing wrong, at a field of what was sent. */
export interface Located {
  field: string
  message: string
}

/** What the server's problem+json says, as openapi.json describes it. */
interface Said {
  status?: number
  code?: string
  title?: string
  detail?: string
  errors?: { field?: string; message: string }[]
  decided_by?: string
  decided_at?: string
  outcome?: string
  request_id?: string
}

/** The code of a request that got no answer. */
export const lost = 'lost'

/** A refusal or a failure, as a value: everything that the API says no to is one of these. Its text is the server's, in the reader's language. */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly text: string
  readonly errors: Located[]
  /** Seconds until trying again makes sense; 0: the server said nothing. */
  readonly retryAfter: number
  readonly decided?: { by: string; at: string; outcome: string }
  readonly requestId?: string

  constructor(said: Said, retryAfter = 0) {
    super(said.code ?? 'internal')
    this.name = 'Problem'
    this.code = said.code ?? 'internal'
    this.status = said.status ?? 0
    this.title = said.title ?? ''
    this.text = said.detail || said.title || ''
    this.errors = (said.errors ?? []).map((e) => ({ field: e.field ?? '', message: e.message }))
    this.retryAfter = retryAfter
    if (said.decided_at) this.decided = { by: said.decided_by ?? '', at: said.decided_at, outcome: said.outcome ?? '' }
    if (said.request_id) this.requestId = said.request_id
  }

  /** Whether nobody knows if the request had an effect. The same one with the same key is safe to send again. */
  get unknown(): boolean {
    return this.code === lost || this.status >= 500
  }

  /** What is said about a field, if anything is. */
  of(field: string): string | undefined {
    return this.errors.find((e) => e.field === field || e.field === 'fields.' + field)?.message
  }
}

/** Makes any thrown value a Problem. */
export function problemOf(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem({ code: lost })
}

/** Reads the problem out of an answer that is none of success. */
export function problemIn(response: Response, body: unknown): Problem {
  const said: Said = body && typeof body === 'object' ? (body as Said) : {}
  const code = said.code ?? (response.status === 503 || response.status === 502 || response.status === 504 ? 'unavailable' : 'internal')
  return new Problem({ ...said, code, status: response.status }, Number(response.headers.get('Retry-After')) || 0)
}
