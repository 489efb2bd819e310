// In what order a box is read: what is due first, under headings, or what came last.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { looksFor, row } from './doing.mjs'
import { flow } from './flow.mjs'
import { faults } from './inspect.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

for (const { size, language } of [{ size: 'phone', language: 'zh' }, { size: 'desk', language: 'en' }]) {
  flow(`a box is sorted by what is due, or by what came last, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const program = await company.api('li.na')
    const name = `排序${Date.now()}`
    const start = (process, n) => program.start(process, lead(`${name} ${n}`))
    await start('lead-review', 'A') // has a limit
    await start('banquet', 'B')
    await start('banquet', 'C')
    const chen = await company.person('chen.jie', { size, language })
    const { page } = chen
    const subjects = async () => (await page.getByRole('listitem').getByRole('link').allInnerTexts()).map((text) => text.trim())
    const headings = () => page.locator('.heading').count()
    await chen.opens('/inbox/todo')
    await looksFor(chen, name)
    await row(chen, `${name} C`).waitFor()
    assert.equal((await subjects())[0], `${name} A`, 'what is due stands first')
    assert.ok(await headings() > 0)

    const sort = page.getByLabel(chen.say(said.sort), { exact: true })
    await sort.selectOption(chen.say(said.byNewest))
    await until('what came last stands first', async () => (await subjects()).join() === ['C', 'B', 'A'].map((n) => `${name} ${n}`).join())
    assert.equal(await headings(), 0)
    assert.deepEqual(await faults(chen), [])
    await page.reload()
    await until('a reload shows the same order', async () => (await subjects())[0] === `${name} C`)
    await start('banquet', 'D')
    await until('what comes stands on top', async () => (await subjects())[0] === `${name} D`, 40_000)

    await sort.selectOption(chen.say(said.byDue))
    await until('what is due stands first again', async () => (await subjects())[0] === `${name} A`)
    const late = page.getByRole('button', { name: chen.say(said.overdueOnly), exact: true })
    await late.waitFor()
    for (const box of ['done', 'copied']) {
      await page.getByRole('link', { name: chen.say(said.boxes[box]) }).click()
      await page.waitForURL(`**/inbox/${box}`)
      await sort.waitFor({ state: 'detached' })
      assert.equal(await late.count(), 0, `nothing that is ${box} can be late`)
    }
  })
}
