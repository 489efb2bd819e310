// The API as a program calls it: what a test needs to be there before its people come.
import { randomUUID } from 'node:crypto'

/** One person's way to a server. */
export class API {
  #url
  #token

  constructor(url) {
    this.#url = url
  }

  /** Signs in and takes a token of its own. */
  async signIn({ user, password }) {
    const session = await this.#send('POST', '/session', { body: { user, password } })
    const cookie = session.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ')
    const made = await this.#send('POST', '/tokens', { headers: { cookie } })
    this.#token = (await made.json()).token
    return this
  }

  async get(path) {
    return (await this.#send('GET', path)).json()
  }

  async post(path, body) {
    const answer = await this.#send('POST', path, { body, headers: { 'Idempotency-Key': randomUUID() } })
    return answer.status === 204 ? null : answer.json()
  }

  async patch(path, body) {
    return (await this.#send('PATCH', path, { body })).json()
  }

  /** Uploads a file and gives what a field of a form holds of it. */
  async upload(name, type, content) {
    const body = new FormData()
    body.append('file', new File([content], name, { type }))
    return (await this.#send('POST', '/files', { body, headers: { 'Idempotency-Key': randomUUID() } })).json()
  }

  /** A case, started. */
  async start(process, fields) {
    const made = await this.post('/cases', { process, with: fields })
    return made.case ?? made
  }

  /** Does something at the open task of a step, as this person. */
  async act(kase, step, act, body = {}) {
    const now = await this.get(`/cases/${kase.id}`)
    const open = now.open.find((o) => o.step === step)
    if (!open) throw new Error(`${kase.number} isn't at ${step} but at ${now.open.map((o) => o.step).join(', ') || 'its end'}`)
    return this.post(`/tasks/${open.task}/${act}`, body)
  }

  async #send(method, path, { body, headers = {} } = {}) {
    const form = body instanceof FormData
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        'Accept-Language': 'en',
        ...(this.#token && { Authorization: `Bearer ${this.#token}` }),
        ...(body && !form && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: form ? body : body && JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${method} ${path} answers ${answer.status}: ${await answer.text()}`)
    return answer
  }
}

/** An amount in yuan, as the API takes it. */
export const yuan = (amount) => ({ amount: amount * 100, currency: 'CNY' })
