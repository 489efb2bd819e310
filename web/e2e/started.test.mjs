// What one has started: every case of one's own, where it stands and with whom, and how it ended.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { looksFor, press, row } from './doing.mjs'
import { flow } from './flow.mjs'
import { faults } from './inspect.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

for (const { size, language } of [{ size: 'phone', language: 'zh' }, { size: 'desk', language: 'en' }, { size: 'phone', language: 'en' }, { size: 'desk', language: 'zh' }]) {
  flow(`all cases of one’s own stand in their box, wherever they are, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const program = await company.api('li.na')
    const chen = await company.api('chen.jie')
    const name = `发起${Date.now()}`
    const cases = {}
    for (const [n, process] of Object.entries({ asked: 'banquet', waits: 'sample', stands: 'banquet', agreed: 'banquet', back: 'banquet' })) cases[n] = await program.start(process, lead(`${name} ${n}`))
    await chen.act(cases.waits, 'look', 'approve')
    await chen.act(cases.agreed, 'look', 'approve')
    await program.post(`/cases/${cases.back.id}/withdraw`, {})
    await (await company.api('deng.rui')).post(`/cases/${cases.stands.id}/suspend`, { reason: 'An audit' })

    const li = await company.person('li.na', { size, language })
    const { page } = li
    await li.opens('/inbox/todo')
    await looksFor(li, name, 'started')
    const about = (n) => row(li, `${name} ${n}`)
    const asks = await nameOf(company, 'chen.jie', language)
    await about('asked').getByText(asks).waitFor()
    for (const [n, word] of Object.entries({ waits: said.waitsForParcel, stands: said.suspended, agreed: said.agreed, back: said.withdrawn })) await about(n).getByText(li.say(word)).first().waitFor()
    assert.deepEqual(await subjects(li), ['stands', 'waits', 'asked', 'back', 'agreed'].map((n) => `${name} ${n}`), 'what runs first, each the newest first')
    const headings = () => page.locator('.heading').allInnerTexts()
    assert.deepEqual(await headings(), [li.say(said.running), li.say(said.over)])
    assert.deepEqual(await faults(li), [])

    // narrowed to what has ended, to a process, to nothing
    const state = page.getByLabel(li.say(said.state), { exact: true })
    await state.selectOption(li.say(said.over))
    await about('asked').waitFor({ state: 'detached' })
    await li.settled()
    assert.deepEqual(await subjects(li), [`${name} back`, `${name} agreed`])
    assert.deepEqual(await headings(), [li.say(said.over)])
    await state.selectOption(li.say(said.running))
    await about('asked').waitFor()
    await page.locator('.filters select').first().selectOption('sample')
    await about('asked').waitFor({ state: 'detached' })
    await li.settled()
    assert.deepEqual(await subjects(li), [`${name} waits`])
    await page.getByRole('searchbox').fill(`${name} nowhere`)
    await page.getByText(li.say(said.noCaseFits)).waitFor()
    assert.deepEqual(await faults(li), [])
    await press(li, said.clearFilters)
    await page.getByRole('searchbox').fill(name)
    await li.settled()

    await about('agreed').getByRole('link').click()
    await page.waitForURL(`**/cases/${cases.agreed.id}`)
  })

  flow(`whoever waits urges from the list, and sees by itself that it was decided, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const program = await company.api('li.na')
    const name = `催办列表${Date.now()}`
    const kase = await program.start('banquet', lead(name))
    const li = await company.person('li.na', { size, language })
    await li.opens('/inbox/todo')
    await looksFor(li, name, 'started')
    const urge = row(li, name).getByRole('button', { name: li.say(said.urgeAbout) })
    await urge.click()
    const sheet = li.page.getByRole('dialog')
    await sheet.getByRole('textbox').waitFor()
    await li.settled()
    assert.deepEqual(await faults(li), [])
    await sheet.getByRole('textbox').fill('They come tonight')
    await press(li, said.urge, sheet)
    await sheet.waitFor({ state: 'detached' })
    await urge.waitFor({ state: 'detached' }) // not again so soon
    const { items } = await program.get(`/cases/${kase.id}/timeline?limit=200`)
    assert.deepEqual(items.filter((e) => e.event === 'urged').map((e) => [e.by, e.comment]), [['li.na', 'They come tonight']])

    const badge = li.page.locator('.boxes a[href="/inbox/started"] .badge')
    const before = Number.parseInt(await badge.innerText())
    await (await company.api('chen.jie')).act(kase, 'look', 'approve')
    await row(li, name).getByText(li.say(said.agreed)).waitFor()
    await until('the tab counts one case less', async () => Number.parseInt(await badge.innerText()) === before - 1)
  })
}

flow('thousands of cases are at most 60 rows, those that run before those that have ended', async (company) => {
  const li = await company.person('li.na', { size: 'phone', language: 'en' })
  const [one] = (await (await company.api('li.na')).get('/cases?initiator=me&limit=1')).items
  const asked = new Set()
  await li.page.route(/\/api\/v1\/cases\?/, async (route) => {
    const query = new URL(route.request().url()).searchParams
    const open = query.get('open') === 'true'
    const from = Number(query.get('cursor') ?? 0)
    asked.add(`${open} ${from}`)
    const items = Array.from({ length: 500 }, (_, i) => ({ ...one, id: `${open}${from + i}`, status: open ? 'running' : 'ended', number: `${open ? 'RUN' : 'END'}-${from + i + 1}` }))
    await route.fulfill({ json: { items, next: from < 1000 ? String(from + 500) : null } })
  })
  await li.opens('/inbox/started')
  let most = 0
  await until('the last case stands on the page', async () => {
    most = Math.max(most, await li.page.getByRole('listitem').count())
    if (await li.page.getByText('END-1500').isVisible()) return true
    await li.page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
    return false
  }, 60_000)
  assert.ok(most > 5 && most <= 60, `${most} rows were in the document`)
  assert.deepEqual([...asked], ['true 0', 'true 500', 'true 1000', 'false 0', 'false 500', 'false 1000'], 'each page was asked for, in order')
})

/** The subjects in the list, in order. */
const subjects = async (person) => (await person.page.getByRole('listitem').getByRole('link').allInnerTexts()).map((text) => text.trim())

async function nameOf(company, user, language) {
  return (await (await company.api('li.na')).get(`/users?id=${user}`)).items[0].texts.name[language]
}
