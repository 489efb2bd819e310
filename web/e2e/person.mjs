import { until } from './until.mjs'

/** Somebody at a browser. */
export class Person {
  problems = [] // errors in the console
  answers = []  // bodies of the API, for what on a page is data
  #expected = []
  #pending = new Set()

  constructor(account, context, page, { size, language }) {
    Object.assign(this, { user: account.user, name: account.name, password: account.password, context, page, size, language })
    page.on('console', (message) => {
      if (message.type() === 'error') this.#problem(`${message.text()} (${message.location().url})`)
    })
    page.on('pageerror', (err) => this.#problem(String(err.stack ?? err)))
    page.on('request', (request) => {
      if (isCall(request)) this.#pending.add(request)
    })
    page.on('requestfailed', (request) => this.#pending.delete(request))
    page.on('requestfinished', async (request) => {
      if (!isCall(request)) return
      const answer = await request.response().then((r) => r?.json()).catch(() => null) // not JSON, or the page has moved on
      if (answer) this.answers.push(answer)
      this.#pending.delete(request)
    })
  }

  #problem(text) {
    if (!this.#expected.some((pattern) => pattern.test(text))) this.problems.push(text)
  }

  /** Errors of this kind belong to the test: a call that is refused on purpose is one to the browser. */
  expects(pattern) {
    this.#expected.push(pattern)
  }

  /** Opens an address and waits until it stands. */
  async opens(path) {
    await this.page.goto(path)
    await this.settled()
  }

  /** Waits until nothing is being fetched, and nothing on the page says that it is busy or moving. */
  async settled() {
    let calm = 0
    await until(`${this.page.url()} stands still`, async () => {
      calm = this.#pending.size === 0 && await this.page.evaluate(still) ? calm + 1 : 0
      return calm > 2
    })
  }

  /** A word in this person's language. */
  say(word) {
    return word[this.language]
  }
}

/** Whether a request is one that ends: the stream of news never does. */
const isCall = (request) => request.url().includes('/api/v1/') && !request.url().endsWith('/stream')

function still() {
  const busy = [...document.querySelectorAll('[aria-busy="true"], .loading, .ant-spin-spinning')].some((e) => e.checkVisibility())
  const moving = document.getAnimations().some((a) => a.playState === 'running' && a.effect?.getComputedTiming().iterations !== Infinity)
  return document.readyState === 'complete' && !busy && !moving
}
