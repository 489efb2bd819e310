// A test of the pages: people, each with a browser window and a language of their own, on a stack that runs.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { API } from './api.mjs'
import { launch, locales, sizes } from './browser.mjs'
import { Person } from './person.mjs'
import { readStack } from './stack.mjs'

let browser = null
after(() => browser?.close())

/**
 * A test with people. Each of them must come through without an error in the console that nobody expected. When it fails, what their browsers
 * did stays as traces in a directory that the failure names.
 */
export function flow(name, body, { traces = true } = {}) {
  test(name, async () => {
    const company = new Company(traces)
    try {
      await body(company)
      for (const person of company.present) assert.deepEqual(person.problems, [], `${person.user} has errors in the console`)
    } catch (err) {
      const kept = await company.keep(name)
      if (kept) err.stack = `${err.stack}\ntraces: ${kept}`
      throw err
    } finally {
      await company.leave()
    }
  })
}

/** The sample company of the stack. */
class Company {
  stack = readStack(process.env.CRMFLOW_STACK)
  present = []
  #programs = new Map()
  #traces

  constructor(traces) {
    this.#traces = traces
  }

  /** A person comes, signed in: in their language or the one said, at a desk unless said. */
  async person(user, { size = 'desk', language = null, signedIn = true, dark = false } = {}) {
    browser ??= await launch()
    const account = this.account(user)
    await this.speaks(user, language ?? account.language) // a test before may have asked for another one
    const context = await browser.newContext({
      ...sizes[size], baseURL: this.stack.url, locale: locales[language ?? account.language], timezoneId: 'Asia/Shanghai',
      colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(20_000)
    if (this.#traces) await context.tracing.start({ screenshots: true, snapshots: true, title: user })
    const person = new Person(account, context, await context.newPage(), { size, language: language ?? account.language })
    this.present.push(person)
    if (signedIn) {
      const answer = await context.request.post('/api/v1/session', { data: { user, password: account.password }, headers: { Origin: this.stack.url } })
      assert.ok(answer.ok(), `${user} can't sign in: ${answer.status()}`)
    }
    return person
  }

  /** The API as somebody's program. */
  async api(user) {
    if (!this.#programs.has(user)) this.#programs.set(user, await new API(this.stack.url).signIn(this.account(user)))
    return this.#programs.get(user)
  }

  async speaks(user, language) {
    const admin = this.stack.users.find((u) => u.roles.includes('administrator'))
    await (await this.api(admin.user)).patch(`/users/${user}`, { language })
  }

  account(user) {
    const account = this.stack.users.find((u) => u.user === user)
    assert.ok(account, `the sample company has no ${user}`)
    return account
  }

  /** Keeps what everybody present sees, and how they came there. */
  async keep(name) {
    if (this.present.length === 0 || !this.#traces) return null
    const dir = process.env.CRMFLOW_TRACES ?? mkdtempSync(join(tmpdir(), 'crmflow-traces-'))
    mkdirSync(dir, { recursive: true })
    for (const [i, person] of this.present.entries()) {
      const file = join(dir, `${slug(name)}-${i + 1}-${person.user}`)
      await person.page.screenshot({ path: `${file}.png` }).catch(() => {}) // a browser that died has neither
      await person.context.tracing.stop({ path: `${file}.zip` }).catch(() => {})
    }
    return dir
  }

  async leave() {
    for (const person of this.present) await person.context.close()
  }
}

/** A test's name as a file's. */
export const slug = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
