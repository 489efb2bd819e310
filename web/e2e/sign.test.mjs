// A contract: who starts it picks who looks at it, they pick who signs, and the signature stands in the timeline and on paper.
import assert from 'node:assert/strict'
import { publish } from './chains.mjs'
import { fillsIn, goesTo, newPhone, offered, opensTask, press } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'
import { until } from './until.mjs'

for (const { size, language, how } of [{ size: 'phone', language: 'zh', how: 'drawn' }, { size: 'desk', language: 'en', how: 'brought along' }]) {
  flow(`people are picked, and the last one signs, in ${language}, on a ${size}, ${how}`, async (company) => {
    await publish(company)
    const program = await company.api('li.na')
    const name = `合同${Date.now()}`
    const li = await company.person('li.na', { size, language })
    const chen = await company.person('chen.jie', { size, language })
    const liang = await company.person('liang.hong', { size, language })
    li.expects(/422/) // the first try, and the preview of it
    chen.expects(/422/)

    await li.opens('/')
    await goesTo(li, 'start')
    await li.page.getByRole('link', { name: li.say(said.contract) }).click()
    await fillsIn(li, { company: name, contact: 'Xu Min', phone: newPhone(), source: { choose: said.choices.exhibition } })
    await press(li, said.send)
    await li.page.getByRole('alert').filter({ hasText: li.say(said.pickFirst) }).first().waitFor()
    await picks(li, li.say(said.picksFirst), chen, ['huang.zhiwei', 'chen.jie'], company)
    const answered = li.page.waitForResponse((r) => r.url().endsWith('/api/v1/cases') && r.request().method() === 'POST')
    await press(li, said.send)
    const kase = await (await answered).json()
    assert.deepEqual(kase.open.map((o) => o.who), [['chen.jie']])

    await chen.opens('/')
    await opensTask(chen, name)
    await press(chen, said.approve)
    const sheet = chen.page.getByRole('dialog')
    await press(chen, said.approve, sheet) // nobody is picked
    await sheet.getByRole('alert').first().waitFor()
    await picks(chen, chen.say(said.picksSign), liang, ['liang.hong', 'song.jia', 'fan.li'], company)
    await press(chen, said.approve, sheet)
    await chen.page.waitForURL('**/inbox/todo')

    await liang.opens('/')
    await opensTask(liang, name)
    await press(liang, said.approve)
    const pad = liang.page.getByRole('dialog')
    const approve = pad.getByRole('button', { name: liang.say(said.approve), exact: true })
    await pad.getByRole('img', { name: liang.say(said.signHere) }).waitFor()
    assert.ok(await approve.isDisabled(), 'not without a signature')
    await (how === 'drawn' ? draws(liang, pad) : bringsAlong(liang, pad))
    await pad.getByRole('img', { name: liang.say(said.signed) }).waitFor()
    await approve.click()
    await liang.page.waitForURL('**/inbox/todo')

    const { items } = await program.get(`/cases/${kase.id}/timeline?limit=200`)
    const entry = items.find((e) => e.event === 'decided' && e.step === 'sign')
    assert.match(entry.data.signature, /^sha256:[0-9a-f]{64}$/)
    await li.opens(`/cases/${kase.id}`)
    const image = li.page.locator('.timeline').getByRole('img')
    await image.scrollIntoViewIfNeeded()
    assert.ok((await image.getAttribute('alt')).includes(entry.by === 'liang.hong' && (await program.get('/users?id=liang.hong')).items[0].texts.name[language]))
    await until('the signature is seen', () => image.evaluate((e) => e.complete && e.naturalWidth === 900))
    const paper = await li.context.request.get(`/api/v1/cases/${kase.id}/print`)
    assert.match(await paper.text(), /<img src="data:image\/png;base64,/)
  })
}

/** Picks somebody for a later step, among those who may be picked and nobody else. */
async function picks(person, label, whom, among, company) {
  const { page } = person
  await page.getByLabel(label, { exact: true }).click()
  await until('the names are there', async () => await offered(person).count() === among.length)
  const program = await company.api('deng.rui')
  const named = (await program.get(`/users?${among.map((id) => `id=${id}`).join('&')}`)).items.map((u) => u.texts.name[person.language])
  assert.deepEqual((await offered(person).allInnerTexts()).map((text) => text.split('\n')[0].trim().split(/ {2,}/)[0]).filter((text) => !named.some((n) => text.startsWith(n))), [])
  const theirs = (await program.get(`/users?id=${whom.user}`)).items[0].texts.name[person.language]
  await offered(person, theirs).click()
  await person.settled()
}

/** Signs with the finger; a slip isn't a signature yet. */
async function draws(person, pad) {
  const { page } = person
  const at = await pad.locator('canvas').boundingBox()
  const to = (x, y) => page.mouse.move(at.x + at.width * x, at.y + at.height * y)
  await to(0.2, 0.5)
  await page.mouse.down()
  await to(0.21, 0.5)
  await page.mouse.up()
  await pad.getByRole('img', { name: person.say(said.signHere) }).waitFor()
  await page.mouse.move(at.x + at.width * 0.2, at.y + at.height * 0.6)
  await page.mouse.down()
  for (const [x, y] of [[0.3, 0.2], [0.4, 0.8], [0.5, 0.2], [0.7, 0.7], [0.8, 0.4]]) await to(x, y)
  await page.mouse.up()
}

/** Brings a picture of a signature along, with the keyboard alone. */
async function bringsAlong(person, pad) {
  const { page } = person
  const png = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 100 })
    const on = canvas.getContext('2d')
    on.fillRect(20, 40, 200, 10)
    const image = await new Promise((give) => canvas.toBlob(give, 'image/png'))
    return [...new Uint8Array(await image.arrayBuffer())]
  })
  const chosen = page.waitForEvent('filechooser')
  await pad.getByRole('button', { name: person.say(said.signPicture), exact: true }).focus()
  await page.keyboard.press('Enter')
  await (await chosen).setFiles({ name: 'signature.png', mimeType: 'image/png', buffer: Buffer.from(png) })
}

