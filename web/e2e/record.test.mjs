// A record on which many processes can be started.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { button } from './doing.mjs'
import { flow } from './flow.mjs'
import { fresh, looksRight, windows } from './office.mjs'
import { said } from './said.mjs'

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
    await page.getByRole('menuitem', { name: li.say({ zh: '拜访申请', en: 'Visit' }), exact: true }).waitFor()
    await looksRight(li, 'record-starts')
    await page.getByRole('menuitem', { name: li.say({ zh: '拜访申请', en: 'Visit' }), exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/start/visit?type=lead&id=${made.id}`)
    await li.settled()
    assert.ok(await page.getByText(name).first().isVisible(), 'the form is about this record')
  })
}
