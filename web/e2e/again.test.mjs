// What is over and comes again: an approved case that is revoked by a case of its own, and a rejected one that is handed in once more.
import assert from 'node:assert/strict'
import { lead, publish } from './chains.mjs'
import { press } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

for (const { size, language } of [{ size: 'phone', language: 'zh' }, { size: 'desk', language: 'en' }]) {
  flow(`an approved case is revoked once whoever must agree has agreed, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const api = await company.api('li.na')
    const kase = await api.start('loan', lead(`撤销${Date.now()}`))
    await (await company.api('chen.jie')).post(`/tasks/${kase.open[0].task}/approve`, {})
    const li = await company.person('li.na', { size, language })
    const { page } = li
    await li.opens(`/cases/${kase.id}`)
    const more = page.getByRole('button', { name: li.say(said.more), exact: true })
    if (await more.isVisible()) {
      await more.click()
      await page.getByRole('menuitem', { name: li.say(said.revoke), exact: true }).click()
    } else await press(li, said.revoke)
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('textbox').fill('The customer sent it back')
    await press(li, said.revoke, sheet)
    await sheet.waitFor({ state: 'detached' })
    const kin = page.locator('.kin').getByRole('listitem').filter({ hasText: li.say(said.revokedBy) })
    await kin.getByRole('link').click()
    await page.waitForURL((url) => url.pathname.startsWith('/cases/') && !url.pathname.endsWith(kase.id))
    const revocation = new URL(page.url()).pathname.split('/').pop()

    const chen = await company.person('chen.jie', { size, language })
    const { open } = await api.get(`/cases/${revocation}`)
    await chen.opens(`/tasks/${open[0].task}`)
    await press(chen, said.approve)
    await chen.page.waitForURL((url) => !url.pathname.endsWith(open[0].task))
    await until('the case is revoked', async () => (await api.get(`/cases/${kase.id}`)).outcome === 'revoked')
    await li.opens(`/cases/${kase.id}`)
    await page.getByText(li.say(said.revoked)).first().waitFor()
  })

  flow(`a rejected case that is handed in again shows what was said of it, in ${language}, on a ${size}`, async (company) => {
    await publish(company)
    const api = await company.api('li.na')
    const first = await api.start('loan', lead(`再提${Date.now()}`))
    await (await company.api('chen.jie')).post(`/tasks/${first.open[0].task}/reject`, { comment: 'Say for how long' })
    const { record } = await api.get(`/cases/${first.id}`)
    const again = await api.post('/cases', { process: 'loan', record: { type: record.type, id: record.id } })
    const chen = await company.person('chen.jie', { size, language })
    const { page } = chen
    await chen.opens(`/tasks/${(again.case ?? again).open[0].task}`)
    await page.getByRole('region', { name: chen.say(said.opinions) }).getByText('Say for how long').waitFor()
    await chen.opens(`/cases/${(again.case ?? again).id}`)
    const link = page.locator('.kin').getByRole('listitem').filter({ hasText: chen.say(said.before) }).getByRole('link')
    assert.equal(new URL(await link.getAttribute('href'), page.url()).pathname, `/cases/${first.id}`)
  })
}
