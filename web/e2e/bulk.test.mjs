// Several tasks at once, from the list: each for itself, what was refused said and still chosen, what has changed no longer.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { looksFor, press, row } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

for (const { size, language } of [{ size: 'desk', language: 'zh' }, { size: 'phone', language: 'en' }]) {
  flow(`several approvals at once, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const program = await company.api('li.na')
    const name = `批量${Date.now()}`
    const start = (process, n) => program.start(process, lead(`${name} ${n}`))
    const cases = [await start('visit', 'A'), await start('visit', 'B'), await start('visit', 'C'), await start('gift', 'D')]
    await start('banquet', 'E')
    const chen = await company.person('chen.jie', { size, language })
    chen.expects(/409|422/)
    await chen.opens('/inbox/todo')
    await looksFor(chen, name)
    await row(chen, `${name} E`).waitFor()

    for (const n of ['A', 'B', 'C', 'D']) await takes(chen, `${name} ${n}`)
    assert.ok(await boxOf(chen, `${name} E`).isDisabled(), 'what is decided by itself can’t be chosen')
    assert.match(await row(chen, `${name} E`).innerText(), chen.say(said.bulk.oneByOne), 'and says why')
    await press(chen, said.approve, bar(chen))
    const sheet = chen.page.getByRole('dialog')
    await sheet.getByText(`${name} D`).waitFor()

    // meanwhile one was decided elsewhere, and the content of another is new
    await (await company.api('chen.jie')).act(cases[0], 'look', 'approve')
    await program.act(cases[1], 'prepare', 'complete', { fields: { need: 'Something else' } })
    await sheet.getByRole('button', { name: chen.say(said.bulk.approve) }).click()
    await sheet.getByText(chen.say(said.bulk.partly)).waitFor()
    const results = sheet.getByRole('listitem')
    assert.deepEqual(await results.allInnerTexts().then((all) => all.map((text) => text.match(/ ([A-D])\b/)[1])), ['A', 'B', 'D', 'C'], 'what was refused stands first')
    for (const n of ['A', 'B']) await results.filter({ hasText: `${name} ${n}` }).getByText(chen.say(said.bulk.out)).waitFor()
    await results.filter({ hasText: `${name} D` }).getByText(chen.say(said.bulk.stays)).waitFor()
    await sheet.getByRole('button', { name: chen.say(said.close), exact: true }).last().click()
    await sheet.waitFor({ state: 'detached' })

    // what was refused is still chosen: with words it goes through
    await until('only the refused one is chosen', async () => (await chosen(chen)).join() === `${name} D`)
    await press(chen, said.approve, bar(chen))
    await sheet.getByRole('button', { name: chen.say(said.bulk.usual) }).click()
    await sheet.getByRole('button', { name: chen.say(said.bulk.approve) }).click()
    await sheet.waitFor({ state: 'detached' })
    await row(chen, `${name} D`).waitFor({ state: 'detached' })
    const { items } = await program.get(`/cases/${cases[3].id}/timeline?limit=200`)
    assert.deepEqual(items.filter((e) => e.event === 'decided').map((e) => [e.by, e.outcome]), [['chen.jie', 'approved']])
    assert.ok(items.find((e) => e.event === 'decided').comment.length > 2, 'the words that were put in')
    assert.deepEqual((await program.get(`/cases/${cases[1].id}`)).open.map((o) => o.step), ['look'], 'what has changed waits')
  })

  flow(`what changes while it is chosen drops out, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const program = await company.api('li.na')
    const name = `变化${Date.now()}`
    const kase = await program.start('visit', lead(name))
    const chen = await company.person('chen.jie', { size, language })
    await chen.opens('/inbox/todo')
    await looksFor(chen, name)
    await takes(chen, name)
    assert.deepEqual(await chosen(chen), [name])
    await program.act(kase, 'prepare', 'complete', { fields: { need: 'Something else' } })
    await chen.page.getByText(chen.say(said.bulk.dropped)).waitFor({ timeout: 40_000 })
    assert.deepEqual(await chosen(chen), [])
  })
}

flow('everything that may be claimed is claimed at once', async (company) => {
  const program = await company.api('li.na')
  const customer = (await program.get('/records/customer?limit=1')).items[0]
  const product = `QL-${Date.now()}`
  for (const n of ['1', '2']) {
    const kase = await program.start('complaint', { customer: { type: 'customer', id: customer.id }, product: `${product}-${n}`, defect: 'Cracked casing' })
    await program.act(kase, 'register', 'complete')
  }
  const feng = await company.person('feng.lei', { language: 'zh' })
  await feng.opens('/inbox/claimable')
  await looksFor(feng, product, 'claimable')
  await row(feng, `${product}-2`).waitFor()
  await feng.page.getByRole('button', { name: feng.say(said.bulk.all), exact: true }).waitFor({ state: 'detached' })
  await takes(feng, `${product}-1`)
  await feng.page.getByRole('button', { name: feng.say(said.bulk.all), exact: true }).click()
  await press(feng, said.claim, bar(feng))
  await feng.page.getByRole('dialog').getByRole('button', { name: feng.say(said.bulk.claim) }).click()
  await row(feng, product).first().waitFor({ state: 'detached' })
  await looksFor(feng, product)
  await row(feng, `${product}-2`).waitFor()
  assert.equal(await row(feng, product).count(), 2)
})

const boxOf = (person, subject) => row(person, subject).getByRole('checkbox')
const bar = (person) => person.page.getByRole('group', { name: person.say(said.bulk.bar), exact: true })

/** Chooses a task: by its box on a desk; on a phone by resting a finger on the first, and a tap on the others. */
async function takes(person, subject) {
  const { page, size } = person
  const box = boxOf(person, subject)
  if (size === 'desk') return box.check()
  const choosing = await bar(person).isVisible()
  const at = await row(person, subject).boundingBox()
  const place = [at.x + at.width / 3, at.y + at.height / 2]
  if (choosing) {
    await page.touchscreen.tap(...place)
  } else {
    await page.mouse.move(...place)
    await page.mouse.down()
    await box.waitFor()
    await page.mouse.up()
  }
  await until(`${subject} is chosen`, () => box.isChecked())
}

/** The subjects of what is chosen. */
async function chosen(person) {
  const rows = await person.page.getByRole('listitem').filter({ has: person.page.locator('input:checked') }).getByRole('link').allInnerTexts()
  return rows.map((text) => text.trim())
}

