// What people do beside a decision: urge, comment with files, copy and see who has read it, keep phrases of their own.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { button, chooseOf, press } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

async function started(company, name) {
  await publish(company)
  return (await company.api('li.na')).start('banquet', lead(`${name}${Date.now()}`))
}

for (const { size, language } of [{ size: 'phone', language: 'zh' }, { size: 'desk', language: 'en' }]) {
  flow(`whoever waits urges from the task, in ${language}, on a ${size}`, async (company) => {
    const kase = await started(company, '催办')
    const li = await company.person('li.na', { size, language })
    await li.opens(`/tasks/${kase.open[0].task}`)
    await press(li, said.urge)
    const sheet = li.page.getByRole('dialog')
    await sheet.getByLabel(li.say(said.comment), { exact: true }).fill('The table is booked for tonight')
    await press(li, said.urge, sheet)
    await sheet.waitFor({ state: 'detached' })
    await li.page.getByRole('button', { name: li.say(said.urge), exact: true }).waitFor({ state: 'detached' }) // not again so soon
    const { items } = await (await company.api('li.na')).get(`/cases/${kase.id}/timeline?limit=200`)
    assert.deepEqual(items.filter((e) => e.event === 'urged').map((e) => [e.by, e.comment, e.data.to]), [['li.na', 'The table is booked for tonight', ['chen.jie']]])
  })

  flow(`a comment brings a file, and a copy says whether it was read, in ${language}, on a ${size}`, async (company) => {
    const kase = await started(company, '抄送')
    const li = await company.person('li.na', { size, language })
    const { page } = li
    await li.opens(`/cases/${kase.id}`)
    let arrives
    const slow = new Promise((go) => { arrives = go })
    await page.route('**/api/v1/files', async (route) => {
      await slow
      await route.continue()
    })
    await page.locator('.comment-on textarea').fill('What they would eat')
    const chooser = page.waitForEvent('filechooser')
    await press(li, said.attach)
    await (await chooser).setFiles({ name: 'menu.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n% a menu\n%%EOF\n') })
    await until('nothing can be sent without the file that is on its way', () => button(li, said.say).isDisabled())
    arrives()
    await page.getByRole('link', { name: /menu\.pdf/ }).waitFor()
    await press(li, said.say)
    const file = page.locator('.timeline').getByRole('link', { name: /menu\.pdf/ })
    await file.waitFor()
    const bytes = await li.context.request.get(await file.getAttribute('href'))
    assert.match(await bytes.text(), /a menu/)

    await press(li, said.more)
    await page.getByRole('menuitem', { name: li.say(said.copy), exact: true }).click()
    const sheet = page.getByRole('dialog')
    const { texts } = (await (await company.api('li.na')).get('/users?id=sun.peng')).items[0]
    await chooseOf(li, li.say(said.copyTo), texts.name[language], { typed: 'sun.peng', within: sheet })
    await page.keyboard.press('Escape')
    await press(li, said.copy, sheet)
    const copies = page.getByRole('region', { name: li.say(said.copies), exact: true })
    await copies.getByText(li.say(said.unread)).waitFor()

    const sun = await company.person('sun.peng', { size, language })
    await sun.opens('/inbox/copied')
    await sun.page.getByRole('listitem').filter({ hasText: kase.number }).getByRole('link').click()
    await sun.page.waitForURL('**/tasks/*')
    await sun.settled()
    await page.reload()
    await copies.getByText(li.say(said.read)).waitFor()
  })
}

flow('a phrase of one’s own is one tap away the next time', async (company) => {
  const [first, second] = [await started(company, '常用'), await started(company, '常用')]
  const chen = await company.person('chen.jie', { language: 'zh' })
  const { page } = chen
  const comment = page.getByLabel(chen.say(said.comment), { exact: true })
  await chen.opens(`/tasks/${first.open[0].task}`)
  await comment.fill('控制在标准以内')
  await press(chen, said.keepPhrase)
  await press(chen, said.approve)
  await page.waitForURL('**/inbox/todo')

  await chen.opens(`/tasks/${second.open[0].task}`)
  await page.getByRole('button', { name: '填入：控制在标准以内', exact: true }).click()
  assert.equal(await comment.inputValue(), '控制在标准以内')
  await page.getByRole('button', { name: chen.say(said.bulk.usual), exact: true }).click()
  assert.equal(await comment.inputValue(), '控制在标准以内\n同意。', 'behind what is written')
  await press(chen, said.tidy)
  await page.getByRole('button', { name: '移除：控制在标准以内', exact: true }).click()
  assert.equal(await page.getByRole('button', { name: '填入：控制在标准以内', exact: true }).count(), 0)
})
