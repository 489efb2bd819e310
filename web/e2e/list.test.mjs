// A long inbox: ten thousand tasks, of which the page holds only those that are looked at.
import assert from 'node:assert/strict'
import { sizes } from './browser.mjs'
import { flow } from './flow.mjs'
import { until } from './until.mjs'

const many = 10_000
const mostRows = 60
const atOnce = 500 // more than the server gives, so that the end is reached sooner

for (const size of Object.keys(sizes)) {
  flow(`${many} tasks are at most ${mostRows} rows on a ${size}`, async (company) => {
    const chen = await company.person('chen.jie', { size })
    const real = await (await company.api('chen.jie')).get('/tasks?box=todo&limit=1')
    const asked = await answerWith(chen.page, real.items[0])
    await chen.opens('/inbox/todo')
    const { page } = chen
    await page.getByText('NR-00001').waitFor()
    let most = 0
    await until('the last task stands on the page', async () => {
      most = Math.max(most, await page.getByRole('listitem').count())
      if (await page.getByText(`NR-${many}`).isVisible()) return true
      await toTheEnd(page)
      return false
    }, 120_000)
    assert.ok(most <= mostRows, `${most} rows were in the document`)
    assert.ok(most > 5, 'the rows were counted')
    assert.equal(asked.size, many / atOnce, 'each page of the list was asked for once')
  })
}

/** Answers for a box that holds very many tasks, page by page as the server does. */
async function answerWith(page, task) {
  const asked = new Set()
  await page.route(/\/api\/v1\/tasks\?/, async (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0)
    asked.add(from)
    const to = Math.min(from + atOnce, many)
    const items = Array.from({ length: to - from }, (_, i) => ({ ...task, id: `t${from + i + 1}`, number: `NR-${String(from + i + 1).padStart(5, '0')}` }))
    await route.fulfill({ json: { items, next: to < many ? String(to) : null } })
  })
  return asked
}

/** Scrolls whatever holds the list to its end. */
async function toTheEnd(page) {
  await page.evaluate(() => {
    for (const e of document.querySelectorAll('*')) {
      if (e.scrollHeight > e.clientHeight && /auto|scroll/.test(getComputedStyle(e).overflowY)) e.scrollTop = e.scrollHeight
    }
    window.scrollTo(0, document.documentElement.scrollHeight)
  })
}
