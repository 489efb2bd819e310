// What somebody has before them and under their fingers isn't taken from them: by an answer that comes late, by news, by what can't be read just now.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { button, fillsIn, goesTo, looksFor, newPhone, press, row } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

flow('an answer that comes late leaves alone what one has gone on to', async (company) => {
  await publish(company)
  const program = await company.api('li.na')
  const name = `晚到${Date.now()}`
  const tasks = []
  for (const n of ['A', 'B']) tasks.push((await program.start('banquet', lead(`${name} ${n}`))).open[0].task)
  const chen = await company.person('chen.jie', { size: 'phone', language: 'zh' })
  const { page } = chen
  const answer = held()
  await page.route(`**/tasks/${tasks[0]}/approve`, async (route) => {
    const response = await route.fetch()
    await answer.comes
    await route.fulfill({ response })
  })
  await chen.opens('/inbox/todo')
  await looksFor(chen, name)
  await row(chen, `${name} A`).getByRole('link').click()
  await press(chen, said.approve)
  await press(chen, said.back)
  await page.waitForURL('**/inbox/todo?q=*')
  await row(chen, `${name} B`).getByRole('button', { name: new RegExp(said.approve.zh) }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByLabel(chen.say(said.comment), { exact: true }).fill('价格再看一下')
  answer.now()
  await page.locator('.told').filter({ hasText: `${name} A` }).waitFor()
  assert.equal(await sheet.getByLabel(chen.say(said.comment), { exact: true }).inputValue(), '价格再看一下')
  assert.equal(new URL(page.url()).pathname, '/inbox/todo')
})

flow('what changes while one looks is said, and what one has not touched is as it is now', async (company) => {
  await publish(company)
  const program = await company.api('li.na')
  const kase = await program.start('visit', lead(`变化${Date.now()}`))
  const chen = await company.person('chen.jie', { language: 'en' })
  const { page } = chen
  await chen.opens(`/tasks/${kase.open.find((o) => o.step === 'look').task}`)
  await button(chen, said.approve).waitFor()
  await program.act(kase, 'prepare', 'complete', { fields: { need: 'Two rooms for three days' } })
  const change = page.getByRole('status').filter({ hasText: chen.say(said.changed) })
  await change.getByText('Two rooms for three days').waitFor()
  await press(chen, said.approveAgain)
  await page.waitForURL('**/inbox/todo')
})

flow('what stands on the page stays while it can’t be read again, which is said', async (company) => {
  const chen = await company.person('chen.jie', { language: 'zh' })
  const { page } = chen
  chen.expects(/net::ERR_/)
  await chen.opens('/inbox/todo')
  await page.getByRole('searchbox').evaluate((e) => { e.dataset.same = 'yes' })
  await page.route(/\/api\/v1\/(session|tasks|clock|definitions)/, (route) => (route.request().method() === 'GET' ? route.abort() : route.fallback()))
  await page.getByRole('button', { name: 'English', exact: true }).click() // everything is read again
  await page.getByText(said.away.en).waitFor()
  await until('whose session it is has been asked in vain', async () => (await page.evaluate(() => performance.getEntriesByName(`${location.origin}/api/v1/session`).length)) > 3)
  assert.equal(await page.getByRole('searchbox').getAttribute('data-same'), 'yes', 'it is the same page')
  assert.ok(await page.getByRole('listitem').count() > 0, 'with its list')
  await page.unroute(/\/api\/v1\/(session|tasks|clock|definitions)/)
  await page.getByText(said.away.en).waitFor({ state: 'hidden', timeout: 60_000 })
})

flow('a page whose file doesn’t arrive leaves the way to the others', async (company) => {
  const li = await company.person('li.na', { language: 'en' })
  const { page } = li
  li.expects(/net::ERR_|dynamically imported|Failed to fetch/)
  await page.route('**/assets/StartPage*', (route) => route.abort())
  await li.opens('/inbox/todo')
  await goesTo(li, 'start')
  await page.getByText(li.say(said.broken)).waitFor()
  await goesTo(li, 'inbox')
  await page.getByRole('searchbox').waitFor()
})

flow('a refused field is marked until it is corrected, and an emptied amount is empty', async (company) => {
  const li = await company.person('li.na', { language: 'zh' })
  const { page } = li
  li.expects(/422/)
  await li.opens('/records/lead/new')
  await fillsIn(li, { company: `更正${Date.now()}`, contact: 'Xu Min', phone: 'by mail', expected_amount: '50万' })
  await press(li, said.make)
  const phone = page.getByLabel(li.say(said.fields.phone), { exact: true })
  const marked = page.locator('.ant-form-item-has-error').filter({ has: phone })
  await marked.waitFor()
  await phone.fill(newPhone())
  await fillsIn(li, { products: 'CQB 50-32-160' })
  await marked.waitFor({ state: 'detached' })
  const amount = page.getByLabel(li.say(said.fields.expected_amount), { exact: true })
  assert.equal(await amount.inputValue(), '500,000')
  await fillsIn(li, { expected_amount: '' })
  const answered = page.waitForResponse((r) => r.url().endsWith('/records/lead') && r.request().method() === 'POST')
  await press(li, said.make)
  const { fields } = await (await answered).json()
  assert.deepEqual([fields.products, fields.expected_amount ?? null], ['CQB 50-32-160', null])
})

flow('with the keyboard alone: a sheet gives it back, and what is typed stands where it is typed', async (company) => {
  await publish(company)
  const name = `键盘${Date.now()}`
  await (await company.api('li.na')).start('banquet', lead(name))
  const chen = await company.person('chen.jie', { language: 'zh' })
  const { page } = chen
  await chen.opens('/inbox/todo')
  const search = page.getByRole('searchbox')
  await search.focus()
  await page.keyboard.type(name.slice(2), { delay: 0 })
  await page.keyboard.press('Home')
  await composes(chen, ['j', 'ji', 'jian', 'jian p', 'jian pan'], '键盘')
  assert.equal(await search.inputValue(), name)
  await chen.settled()
  const approve = row(chen, name).getByRole('button')
  await approve.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').getByRole('heading', { name: chen.say(said.mustSee) }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await until('the button has the keyboard again', () => approve.evaluate((e) => e === document.activeElement))
})

/** Writes a word as an input method does: what is typed so far stands in the input, and gives way to the word. */
async function composes({ context, page }, typed, word) {
  const keys = await context.newCDPSession(page)
  for (const text of typed) await keys.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length })
  await keys.send('Input.insertText', { text: word })
  await keys.detach()
}

/** Something that is awaited until it is let go. */
function held() {
  let now
  const comes = new Promise((go) => { now = go })
  return { comes, now }
}
