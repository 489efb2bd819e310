// What happens to a decision when the line breaks, and when two people decide at once: it is made once, nothing written is lost, and everyone is told the truth.
import assert from 'node:assert/strict'
import { yuan } from './api.mjs'
import { button, newPhone, press } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

const written = 'Looks good to me'

/** A review that waits at its first gate, and its task. */
async function review(company) {
  const kase = await (await company.api('li.na')).start('lead-review', { company: '断线测试', contact: 'Xu Min', phone: newPhone(), source: 'call' })
  return { kase, task: kase.open[0].task }
}

async function decisions(company, kase, step) {
  const { items } = await (await company.api('li.na')).get(`/cases/${kase.id}/timeline?limit=200`)
  return items.filter((e) => e.event === 'decided' && e.step === step)
}

flow('no answer to a decision: what was written stays, and pressed again it is made once', async (company) => {
  const { kase, task } = await review(company)
  const chen = await company.person('chen.jie', { size: 'phone' })
  chen.expects(/net::ERR_/)
  await chen.page.route('**/api/v1/stream', (route) => route.abort())
  await chen.opens(`/tasks/${task}`)
  await comment(chen)
  await swallowAnswers(chen)
  await press(chen, said.approve)
  await chen.page.getByText(chen.say(said.lost)).first().waitFor({ timeout: 60_000 }) // it has tried again by itself meanwhile
  assert.equal(await commentOf(chen).inputValue(), written, 'what was written stands there')
  await chen.page.unroute('**/approve')
  await press(chen, said.approve)
  await chen.page.waitForURL('**/inbox/todo')
  await decidedOnce(company, kase)
})

flow('no answer to a decision: the page finds out by itself that it was made', async (company) => {
  const { kase, task } = await review(company)
  const chen = await company.person('chen.jie', { size: 'desk' })
  chen.expects(/net::ERR_/)
  await chen.opens(`/tasks/${task}`)
  await comment(chen)
  await swallowAnswers(chen)
  await press(chen, said.approve)
  await chen.page.getByText(chen.say(said.taskClosed)).first().waitFor({ timeout: 60_000 })
  await until('nothing says any more that it failed', async () => await chen.page.getByRole('alert').count() === 0)
  await decidedOnce(company, kase)
})

/** The server hears of the decision, and its answer gets lost. */
function swallowAnswers(person) {
  return person.page.route('**/approve', async (route) => {
    await route.fetch()
    await route.abort('connectionreset')
  })
}

async function decidedOnce(company, kase) {
  const made = await decisions(company, kase, 'first-contact')
  assert.deepEqual(made.map((e) => [e.by, e.outcome, e.comment]), [['chen.jie', 'approved', written]])
}

flow('without a network the page says so and keeps what was written, and goes on by itself', async (company) => {
  const { kase, task } = await review(company)
  const chen = await company.person('chen.jie', { size: 'phone' })
  chen.expects(/net::ERR_/)
  await chen.opens(`/tasks/${task}`)
  await comment(chen)
  await chen.context.setOffline(true)
  await chen.page.getByText(chen.say(said.offline)).waitFor()
  await press(chen, said.approve)
  assert.equal(await commentOf(chen).inputValue(), written)
  assert.equal((await decisions(company, kase, 'first-contact')).length, 0)
  await chen.context.setOffline(false)
  await until('the decision is made', async () => {
    if ((await decisions(company, kase, 'first-contact')).length > 0) return true
    const again = button(chen, said.approve)
    if (await again.isVisible() && await again.isEnabled({ timeout: 1000 }).catch(() => false)) await again.click({ timeout: 1000 }).catch(() => {}) // it may be going on by itself just now
    return false
  })
  await decidedOnce(company, kase)
})

flow('a reload in the middle loses nothing that was written', async (company) => {
  const { task } = await review(company)
  const chen = await company.person('chen.jie', { size: 'phone' })
  await chen.opens(`/tasks/${task}`)
  await comment(chen)
  await chen.page.reload()
  await chen.settled()
  assert.equal(await commentOf(chen).inputValue(), written)
})

for (const live of [true, false]) {
  flow(`two people on one task: the second is told who decided, ${live ? 'at once' : 'when they press'}`, async (company) => {
    const { kase } = await review(company)
    await atTheThirdGate(company, kase)
    const open = (await (await company.api('li.na')).get(`/cases/${kase.id}`)).open.find((o) => o.who.includes('song.jia'))
    const song = await company.person('song.jia', { size: 'phone' })
    const liang = await company.person('liang.hong', { size: 'desk' })
    song.expects(/409|net::ERR_/)
    if (!live) await song.page.route('**/api/v1/stream', (route) => route.abort())
    await song.opens(`/tasks/${open.task}`)
    await (live ? rejects(song) : comment(song))
    await liang.opens(`/tasks/${open.task}`)
    await press(liang, said.approve)
    await liang.page.waitForURL('**/inbox/todo')
    if (!live) await press(song, said.approve)
    await song.page.getByText(song.say(said.taskClosed)).first().waitFor()
    await song.page.getByText(liang.name).first().waitFor()
    await song.page.getByText(written).first().waitFor()
    assert.deepEqual((await decisions(company, kase, 'cooperation')).map((e) => e.by), ['liang.hong'])
  })
}

/** Begins to write why not, in the sheet that asks for it. */
async function rejects(person) {
  await press(person, said.more)
  await press(person, said.reject)
  await person.page.getByRole('dialog').getByLabel(person.say(said.reason), { exact: true }).fill(written)
}

/** Leads a review to where the director and finance are asked. */
async function atTheThirdGate(company, kase) {
  const [li, chen] = [await company.api('li.na'), await company.api('chen.jie')]
  await chen.act(kase, 'first-contact', 'approve')
  await li.act(kase, 'negotiate', 'complete', { fields: { need: 'Pumps', products: 'P-100', expected_amount: yuan(900_000) } })
  await chen.act(kase, 'negotiation-report', 'approve')
  await li.act(kase, 'terms', 'complete', { fields: { credit_limit: yuan(800_000), payment_terms: '30 days' } })
}

const commentOf = (person) => person.page.getByLabel(person.say(said.comment), { exact: true })
const comment = (person) => commentOf(person).fill(written)
