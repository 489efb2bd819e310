// How long somebody waits for the page: node e2e/bench.mjs --stack DIR [--rounds N]. `crmflow bench web` runs it and adds the machine.
import { parseArgs } from 'node:util'
import { API } from './api.mjs'
import { launch, locales, sizes } from './browser.mjs'
import { readStack } from './stack.mjs'

const { values } = parseArgs({ options: { stack: { type: 'string' }, rounds: { type: 'string', default: '20' } } })
const rounds = Number(values.rounds)
const stack = readStack(values.stack)
const account = (user) => stack.users.find((u) => u.user === user)

/** A phone of the cheaper kind on a slow 4G line, as the browser's own tools have it. */
const slow = { cpu: 4, network: { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 } }
const windows = [
  { window: 'desk', size: 'desk' },
  { window: 'phone, slow', size: 'phone', slow },
]

const seller = await new API(stack.url).signIn(account('li.na'))
const browser = await launch()
try {
  const acts = []
  for (const w of windows) {
    process.stderr.write(`${w.window}: ${rounds} rounds\n`)
    acts.push(...await visit(w))
  }
  process.stdout.write(JSON.stringify({ browser: `Chromium ${browser.version()}`, acts }))
} finally {
  await browser.close()
}

/** Somebody comes with an empty cache, opens the inbox and a task, and approves it; then again, with what is cached. */
async function visit({ window, size, slow }) {
  const first = []
  const took = { 'opens the inbox': [], 'opens a task': [], 'approves it': [] }
  for (let round = 0; round < rounds; round++) {
    const company = `Bench ${window} ${round} ${Date.now()}`
    const kase = await seller.start('lead-review', { company, contact: 'Xu Min', phone: `+86 519 ${Date.now() % 1e8}`, source: 'call' })
    const context = await browser.newContext({ ...sizes[size], baseURL: stack.url, locale: locales.zh, timezoneId: 'Asia/Shanghai' })
    await context.addInitScript(() => localStorage.setItem('crmflow.language', 'zh')) // whatever the person speaks on this stack
    const { user, password } = account('chen.jie')
    await context.request.post('/api/v1/session', { data: { user, password }, headers: { Origin: stack.url } })
    const page = await context.newPage()
    if (slow) await slowDown(context, page, slow)
    first.push(await timed(() => inbox(page, kase)))
    took['opens the inbox'].push(await timed(() => inbox(page, kase)))
    took['opens a task'].push(await timed(() => task(page, kase)))
    took['approves it'].push(await timed(() => approve(page)))
    await context.close()
  }
  return [['opens the inbox for the first time', first], ...Object.entries(took)].map(([act, all]) => ({ window, act, n: all.length, ...figures(all) }))
}

async function slowDown(context, page, { cpu, network }) {
  const debug = await context.newCDPSession(page)
  await debug.send('Network.enable')
  await debug.send('Network.emulateNetworkConditions', network)
  await debug.send('Emulation.setCPUThrottlingRate', { rate: cpu })
}

async function timed(act) {
  const began = performance.now()
  await act()
  return performance.now() - began
}

async function inbox(page, kase) {
  await page.goto('/inbox/todo')
  await page.getByText(kase.number).first().waitFor()
}

async function task(page, kase) {
  await page.getByRole('listitem').filter({ hasText: kase.number }).getByRole('link').click()
  await page.getByRole('button', { name: '同意', exact: true }).first().waitFor()
}

async function approve(page) {
  const { pathname } = new URL(page.url())
  await page.getByRole('button', { name: '同意', exact: true }).first().click()
  await page.waitForURL((url) => url.pathname !== pathname) // the next task, or the inbox
}

function figures(all) {
  const sorted = all.toSorted((a, b) => a - b)
  const at = (p) => Math.round(sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] * 10) / 10
  return { p50_ms: at(0.5), p95_ms: at(0.95) }
}
