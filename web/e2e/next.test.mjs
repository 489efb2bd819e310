// After a decision the next task of the list opens by itself; what was decided is said, with the way to it.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { looksFor, press, row } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'

for (const { size, language } of [{ size: 'desk', language: 'en' }, { size: 'phone', language: 'zh' }]) {
  flow(`the next task opens by itself, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const program = await company.api('li.na')
    const name = `下一项${Date.now()}`
    const tasks = []
    for (const n of ['A', 'B', 'C']) tasks.push((await program.start('banquet', lead(`${name} ${n}`))).open[0].task)
    const chen = await company.person('chen.jie', { size, language })
    const { page } = chen
    await chen.opens('/inbox/todo')
    await looksFor(chen, name)
    await row(chen, `${name} B`).getByRole('link').click()
    await page.waitForURL(`**/tasks/${tasks[1]}`)
    await press(chen, said.approve)
    await page.waitForURL(`**/tasks/${tasks[2]}`)
    const remark = page.locator('.told').filter({ hasText: `${name} B` })
    await remark.waitFor()
    assert.equal(await remark.getByRole('link').getAttribute('href'), `/tasks/${tasks[1]}`, 'the way to what was decided')

    await press(chen, said.approve)
    await page.waitForURL(`**/tasks/${tasks[0]}`)
    await chen.settled()
    await press(chen, said.back) // the list that it was opened from
    await page.waitForURL('**/inbox/todo?q=*')
    assert.equal(await row(chen, name).count(), 1)
    await row(chen, name).getByRole('link').click()
    await press(chen, said.approve)
    await page.waitForURL('**/inbox/todo')
  })
}

flow('a task that was opened by its address leads back to the inbox', async (company) => {
  await publish(company)
  const program = await company.api('li.na')
  const name = `直接${Date.now()}`
  const [first] = [await program.start('banquet', lead(`${name} A`)), await program.start('banquet', lead(`${name} B`))]
  const chen = await company.person('chen.jie', { language: 'zh' })
  await chen.opens(`/tasks/${first.open[0].task}`)
  await press(chen, said.approve)
  await chen.page.waitForURL('**/inbox/todo')
})
