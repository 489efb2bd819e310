// A quote that goes out is asked about on the third working day, by itself, and the answer ends it. Time passes here, for the whole stack.
import assert from 'node:assert/strict'
import { completes, fillsIn, goesTo, looksFor, opensTask, press, row } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'
import { passTimeUntil } from './stack.mjs'
import { until } from './until.mjs'

for (const { language, size } of [{ language: 'zh', size: 'phone' }, { language: 'en', size: 'desk' }]) {
  flow(`a quote is followed up on the third working day, in ${language}, on a ${size}`, async (company) => {
    const program = await company.api('li.na')
    const customer = (await program.get('/records/customer?limit=1')).items[0].fields.company
    const li = await company.person('li.na', { size, language })
    const { page } = li

    await li.opens('/')
    await goesTo(li, 'records')
    await page.getByRole('link', { name: li.say(said.types.quote), exact: true }).click()
    await page.getByRole('link', { name: li.say(said.newQuote) }).click()
    await press(li, said.addLine)
    for (const [column, value] of Object.entries({ product: 'CQB 50-32-160', quantity: '3', price: '12000' })) {
      await page.getByLabel(`${li.say(said.fields[column])}, ${li.say(said.firstLine)}`, { exact: true }).fill(value)
    }
    await fillsIn(li, { customer: { find: customer }, valid_until: { day: await dayIn(program, 60) }, status: { choose: said.choices.sent } })
    await press(li, said.make)
    await page.waitForURL(/\/records\/quote\/(?!new)/)
    const quote = page.url().split('/').at(-1)
    const kase = await until('the quote has a case', async () => (await program.get(`/cases?process=quote-follow-up&record=${quote}`)).items[0])

    await looksFor(li, kase.number)
    await li.settled()
    assert.equal(await row(li, kase.number).count(), 0, 'nobody is asked yet')
    passTimeUntil(company.stack, await thirdWorkingDay(program))
    await row(li, kase.number).waitFor({ timeout: 60_000 })
    await opensTask(li, kase.number)
    await page.getByText('CQB 50-32-160').first().waitFor()
    await completes(li, said.outcomes.accepted)

    const now = await program.get(`/cases/${kase.id}`)
    assert.equal(`${now.status}, ${now.outcome}`, 'ended, accepted')
    assert.equal((await program.get(`/records/quote/${quote}`)).fields.status, 'accepted')
  })
}

/** A date of the company so many days from now. */
async function dayIn(program, days) {
  const now = new Date((await program.get('/clock')).now)
  return new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10)
}

/** Five past nine of the third working day from now. */
async function thirdWorkingDay(program) {
  const { now } = await program.get('/clock')
  const { items: [calendar] } = await program.get('/calendars')
  const { due } = await program.get(`/calendars/${calendar.id}/explain?from=${encodeURIComponent(now)}&within=${encodeURIComponent('3 working days')}`)
  return new Date(`${due.slice(0, 10)}T09:05:00${due.slice(19)}`)
}
