// A webhook from its making to its end, with a receiver that listens, refuses and checks signatures.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseOf, press } from './doing.mjs'
import { flow } from './flow.mjs'
import { aLead, looksRight, sheetOf, windows } from './office.mjs'
import { said } from './said.mjs'
import { words } from './said_company.mjs'
import { until } from './until.mjs'

for (const { size, language, dark } of windows) {
  flow(`another system is told what happens, and it is seen how that goes, ${size}, ${language}`, async (company) => {
    const receiver = await listens()
    try {
      const admin = await company.api('deng.rui')
      const li = await company.api('li.na')
      const rui = await company.person('deng.rui', { size, language, dark })
      const { page } = rui
      rui.expects(/\/api\/v1\/webhooks\)/) // the first address is none
      await rui.opens('/webhooks')
      await press(rui, words.webhooks.add)
      const sheet = sheetOf(rui)
      const address = sheet.getByLabel(rui.say(words.webhooks.url), { exact: true })
      await address.fill('erp')
      await press(rui, words.webhooks.add, sheet)
      await sheet.locator('.ant-form-item').filter({ has: page.getByLabel(rui.say(words.webhooks.url), { exact: true }) }).getByText(rui.say(words.webhooks.noUrl)).waitFor()
      await address.fill(receiver.url)
      for (const word of [words.webhooks.started, words.webhooks.decided]) await hears(rui, words.webhooks.events, word)
      await hears(rui, words.webhooks.processes, said.processes['lead-review'])
      await looksRight(rui, 'webhook-add')
      await press(rui, words.webhooks.add, sheet)
      const shown = page.getByLabel(rui.say(words.webhooks.secret), { exact: true }).getByRole('textbox')
      await shown.waitFor()
      const secret = await shown.inputValue()
      await looksRight(rui, 'webhook-made')
      const made = async () => (await admin.get('/webhooks?limit=200')).items.find((w) => w.url === receiver.url)
      const { id, events, processes } = await made()
      assert.deepEqual([events, processes], [['decided', 'started'], ['lead-review']])
      await page.reload()
      await page.getByRole('link', { name: receiver.url }).waitFor()
      assert.equal(await shown.count(), 0, 'the secret is shown once')

      const kase = await li.start('lead-review', aLead('Heard '))
      const heard = await receiver.hears(kase.id, 'started')
      assert.equal(heard.headers['webhook-signature'], signed(secret, heard))
      await page.getByRole('link', { name: receiver.url }).click()
      await page.waitForURL(`**/webhooks/${id}`)
      const messages = page.getByRole('listitem').filter({ hasText: kase.number })
      await messages.getByText(rui.say(words.webhooks.delivered), { exact: true }).waitFor()
      await looksRight(rui, 'webhook')

      // the receiver is out of order, and is asked again as soon as it has been mended
      receiver.answers = 503
      await (await company.api('chen.jie')).act(kase, 'first-contact', 'approve')
      await messages.getByText(rui.say(words.webhooks.refused)).waitFor()
      await messages.getByText(rui.say(words.webhooks.waiting), { exact: true }).waitFor()
      const again = page.getByRole('button', { name: rui.say(words.webhooks.again), exact: true })
      await again.waitFor()
      await looksRight(rui, 'webhook-failing')
      receiver.answers = 204
      await again.click()
      await until('both messages were delivered', async () => await messages.getByText(rui.say(words.webhooks.delivered), { exact: true }).count() === 2)
      await receiver.hears(kase.id, 'decided')
      await again.waitFor({ state: 'hidden' })

      await press(rui, words.webhooks.change)
      await hears(rui, words.webhooks.events, words.webhooks.ended)
      await press(rui, words.save, sheetOf(rui))
      await sheetOf(rui).waitFor({ state: 'hidden' })
      assert.deepEqual((await made()).events, ['decided', 'ended', 'started'])

      await press(rui, words.webhooks.off)
      await press(rui, words.webhooks.off, page.getByRole('tooltip'))
      await page.getByText(rui.say(words.webhooks.isOff)).waitFor()
      assert.equal((await made()).active, false)
      await looksRight(rui, 'webhook-off')
      const unheard = await li.start('lead-review', aLead('Unheard '))
      await press(rui, words.webhooks.on)
      await page.getByText(rui.say(words.webhooks.isOff)).waitFor({ state: 'hidden' })
      const next = await li.start('lead-review', aLead('Heard again '))
      await receiver.hears(next.id, 'started')
      assert.equal(receiver.heard.filter((m) => m.body.case.id === unheard.id).length, 0, 'what happened meanwhile isn’t told')

      const pan = await company.person('pan.yu', { size, language, dark })
      await pan.opens('/webhooks')
      await pan.page.getByRole('link', { name: receiver.url }).waitFor()
      await looksRight(pan, 'webhooks-integrator')
      const somebody = await company.person('li.na', { size, language, dark })
      await somebody.opens(`/webhooks/${id}`)
      await somebody.page.getByText(somebody.say(words.webhooks.only)).waitFor()
      await looksRight(somebody, 'webhook-refused')

      // the answer takes longer than the page waits before it looks again: it doesn't ask for what is gone
      await page.route(`**/webhooks/${id}`, async (route) => {
        if (route.request().method() !== 'DELETE') return route.continue()
        const response = await route.fetch()
        await sleep(6000)
        await route.fulfill({ response })
      })
      await press(rui, words.webhooks.delete)
      await press(rui, words.webhooks.delete, page.getByRole('tooltip'))
      await page.waitForURL('**/webhooks')
      await page.getByRole('link', { name: receiver.url }).waitFor({ state: 'hidden' })
      assert.equal(await made(), undefined)
    } finally {
      receiver.close()
    }
  })
}

/** Chooses something of what a webhook hears; the list closes again. */
async function hears(person, field, word) {
  const text = person.say(word)
  await chooseOf(person, person.say(field), new RegExp(`^${text}$`), { typed: text, within: sheetOf(person) })
  await person.page.keyboard.press('Escape')
}

/** Another system: takes messages, or answers as it is told to. */
async function listens() {
  const receiver = { heard: [], answers: 204 }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    if (receiver.answers < 300) receiver.heard.push({ headers: request.headers, text, body: JSON.parse(text) })
    response.writeHead(receiver.answers).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  receiver.url = `http://127.0.0.1:${server.address().port}/hooks`
  receiver.close = () => server.close()
  receiver.hears = (kase, type) => until(`${type} of ${kase} is heard`, () => receiver.heard.find((m) => m.body.case.id === kase && m.body.type === type))
  return receiver
}

/** The signature that Standard Webhooks asks for. */
function signed(secret, { headers, text }) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return 'v1,' + createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest('base64')
}
