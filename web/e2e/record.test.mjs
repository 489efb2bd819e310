// A record on which many processes can be started.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { button } from './doing.mjs'
import { flow } from './flow.mjs'
import { fresh, looksRight, windows } from './office.mjs'
import { said } from './said.mjs'

// The only one of that name: other tests have processes called “Visit”, too.
const gift = { zh: '礼品申请', en: 'Gift' }

for (const { size, language, dark } of windows) {
  flow(`one of many processes is started from a record, ${size}, ${language}`, async (company) => {
    await publish(company)
    const name = fresh('Many ')
    const made = await (await company.api('li.na')).post('/records/lead', { fields: lead(name) })
    const li = await company.person('li.na', { size, language, dark })
    const { page } = li
    await li.opens(`/records/lead/${made.id}`)
    const starts = button(li, said.startOne)
    await starts.focus()
    await page.keyboard.press('Enter')
    const one = page.getByRole('menuitem', { name: li.say(gift), exact: true })
    await one.waitFor()
    await looksRight(li, 'record-starts')
    await one.focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/start/gift?type=lead&id=${made.id}`)
    await li.settled()
    assert.ok(await page.getByText(name).first().isVisible(), 'the form is about this record')
  })
}
