// What the office does: people and their departure, stuck cases, versions, absences, channels, paper.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { API } from './api.mjs'
import { button, chooseOf, press } from './doing.mjs'
import { flow } from './flow.mjs'
import { chooses, fresh, looksRight, publishes, sheetOf, shots, windows } from './office.mjs'
import { said } from './said.mjs'
import { office } from './said_office.mjs'
import { until } from './until.mjs'

/** Gives the reason in a sheet and presses its button. */
async function confirms(person, word) {
  const sheet = person.page.getByRole('dialog').last()
  await sheet.getByLabel(person.say(said.reason), { exact: true }).fill('12345')
  await press(person, word, sheet)
}

for (const { size, language, dark } of windows) {
  flow(`an administrator adds somebody, who leaves, ${size}, ${language}`, async (company) => {
    const id = fresh('qi.yan')
    const rui = await company.person('deng.rui', { size, language, dark })
    const { page } = rui
    await rui.opens('/people')
    await press(rui, office.add)
    const sheet = sheetOf(rui)
    await sheet.getByLabel(rui.say(office.user), { exact: true }).fill(id)
    await sheet.getByLabel(rui.say(office.nameZH), { exact: true }).fill('齐燕')
    await sheet.getByLabel(rui.say(office.nameEN), { exact: true }).fill('Qi Yan')
    await sheet.getByLabel(rui.say(office.email), { exact: true }).fill(`${id}@example.com`)
    await chooses(rui, office.roles, rui.say({ zh: '销售', en: 'Sales' }), sheet)
    await page.keyboard.press('Escape')
    await sheet.getByLabel(rui.say(office.password), { exact: true }).fill('a good one 1')
    await looksRight(rui, 'people-add')
    await press(rui, office.add, sheet)
    await page.waitForURL(`**/people/${id}`)

    await press(rui, office.change)
    await chooses(rui, office.manager, rui.say({ zh: '陈洁', en: 'Chen Jie' }), sheetOf(rui))
    await press(rui, office.save, sheetOf(rui))
    await sheetOf(rui).waitFor({ state: 'hidden' })
    await looksRight(rui, 'person')
    const admin = await company.api('deng.rui')
    const made = (await admin.get(`/users?id=${id}`)).items[0]
    assert.deepEqual([made.texts.name, made.roles, made.manager], [{ zh: '齐燕', en: 'Qi Yan' }, ['sales'], 'chen.jie'])

    const account = { user: id, password: 'a good one 1' }
    const theirs = await new API(company.stack.url).signIn(account)
    const kase = await theirs.start('lead-review', { company: fresh('Left Behind '), contact: 'Mr Ren', phone: `+86 519 ${fresh('')}1`, source: 'exhibition' })

    await page.getByRole('link', { name: rui.say(office.handOver) }).click()
    await chooses(rui, office.successor, rui.say({ zh: '何悦', en: 'He Yue' }))
    await page.getByText(rui.say(office.started), { exact: true }).waitFor()
    await page.getByText(rui.say(office.owned), { exact: true }).waitFor()
    await looksRight(rui, 'handover')
    assert.equal((await admin.get(`/users?id=${id}`)).items[0].active, true, 'a look changes nothing')
    await page.getByRole('button', { name: rui.say(office.goesTo) }).click()
    await sheetOf(rui).getByText(rui.say(office.effect)).waitFor()
    assert.ok(await sheetOf(rui).getByRole('button', { name: rui.say(office.goesTo) }).isDisabled(), 'not without a reason')
    await looksRight(rui, 'handover-confirm')
    await sheetOf(rui).getByLabel(rui.say(said.reason), { exact: true }).fill('leaves at the end of the month')
    await sheetOf(rui).getByRole('button', { name: rui.say(office.goesTo) }).click()
    await page.getByText(rui.say(office.handedOver)).waitFor({ timeout: 60_000 })
    await looksRight(rui, 'handover-done')

    assert.equal((await admin.get(`/cases/${kase.id}`)).initiator, 'he.yue')
    assert.equal((await admin.get(`/records/lead/${kase.record.id}`)).owner, 'he.yue')
    await assert.rejects(new API(company.stack.url).signIn(account), /401/)
    await rui.opens(`/people?q=${id}`)
    await page.getByText(rui.say(office.left), { exact: true }).waitFor()
  })

  flow(`stuck cases are listed and handled, ${size}, ${language}`, async (company) => {
    const admin = await company.api('deng.rui')
    const li = await company.api('li.na')
    await publishes(admin, [['twin-account.yaml', account], ['twin.yaml', twin]])
    await admin.post('/roles', { id: 'auditor', name: { zh: '审计', en: 'Auditor' } }).catch(() => {}) // it is there already
    await publishes(admin, [['audit.yaml', audit]])
    const called = fresh('Twin ')
    await admin.post('/records/twin-account', { fields: { company: called } })
    const held = await li.start('twin', { company: called, contact: 'Mr Ren', phone: `+86 519 ${fresh('')}2`, source: 'exhibition' })
    assert.ok(held.held, 'it is on hold')
    const nobody = fresh('Nobody ')
    const vacant = await li.start('audit', { company: nobody, contact: 'Mr Ren', phone: `+86 519 ${fresh('')}3`, source: 'exhibition' })

    const rui = await company.person('deng.rui', { size, language, dark })
    const row = (text) => rui.page.getByRole('listitem').filter({ hasText: text })
    await rui.opens('/stuck')
    await row(called).waitFor()
    await looksRight(rui, 'stuck')
    await press(rui, office.handle, row(called))
    await confirms(rui, office.resume)
    await sheetOf(rui).getByText(rui.say(office.still)).waitFor()
    await looksRight(rui, 'stuck-still')
    await sheetOf(rui).getByLabel(rui.say(office.jump), { exact: true }).check()
    await chooseOf(rui, rui.say(office.jumpTo), rui.say({ zh: '然后', en: 'Then' }), { within: sheetOf(rui) })
    await press(rui, office.jump, sheetOf(rui))
    await row(called).waitFor({ state: 'hidden' })
    assert.deepEqual((await admin.get(`/cases/${held.id}`)).open.map((o) => o.step), ['then'])

    await press(rui, office.assign, row(nobody))
    await chooses(rui, office.assignTo, rui.say({ zh: '梁红', en: 'Liang Hong' }), sheetOf(rui))
    await looksRight(rui, 'stuck-assign')
    await confirms(rui, office.assign)
    await row(nobody).waitFor({ state: 'hidden' })
    assert.deepEqual((await admin.get(`/cases/${vacant.id}`)).open[0].who, ['liang.hong'])

    const somebody = await company.person('li.na', { size, language, dark })
    await somebody.opens('/stuck')
    await looksRight(somebody, 'stuck-refused')
  })

  flow(`running cases go over to another version, one and many, ${size}, ${language}`, async (company) => {
    const admin = await company.api('deng.rui')
    const li = await company.api('li.na')
    const id = fresh('visit-')
    await publishes(admin, [[`${id}.yaml`, visit(id)]])
    const names = ['Ahead ', 'Also ahead ', 'At the step '].map(fresh)
    const cases = []
    for (const [i, name] of names.entries()) cases.push(await li.start(id, { company: name, contact: 'Mr Ren', phone: `+86 519 ${fresh('')}${4 + i}`, source: 'exhibition' }))
    await (await company.api('chen.jie')).act(cases[2], 'plan', 'approve')
    await publishes(admin, [[`${id}.yaml`, visit(id).replace('{id: go, task: {zh: 拜访, en: Go there}', '{id: drive, task: {zh: 出发, en: Drive there}')]])

    const rui = await company.person('deng.rui', { size, language, dark })
    const { page } = rui
    await rui.opens(`/versions?process=${id}`)
    await page.getByRole('button', { name: rui.say(office.check) }).click()
    await until('every case has its verdict', async () => await page.getByText(rui.say(office.safe), { exact: true }).count() === 2)
    await page.getByText(rui.say(office.mapping), { exact: true }).waitFor()
    await looksRight(rui, 'versions')
    await page.getByRole('button', { name: rui.say(office.move) }).click()
    await confirms(rui, office.move)
    await page.getByText(rui.say(office.movedAll)).waitFor()
    await looksRight(rui, 'versions-moved')
    const now = (c) => admin.get(`/cases/${c.id}`)
    assert.deepEqual([(await now(cases[0])).version, (await now(cases[1])).version, (await now(cases[2])).version], [2, 2, 1])

    await rui.opens(`/cases/${cases[2].id}`)
    await looksRight(rui, 'case-office')
    await press(rui, office.one)
    await chooseOf(rui, rui.say(office.goesOn), rui.say(office.drive), { within: sheetOf(rui) })
    await looksRight(rui, 'migrate')
    await confirms(rui, office.one)
    await sheetOf(rui).waitFor({ state: 'hidden' })
    const moved = await now(cases[2])
    assert.deepEqual([moved.version, moved.open.map((o) => o.step)], [2, ['drive']])
    await button(rui, office.one).waitFor({ state: 'hidden' })
  })

  flow(`an absence is noted, changed and ended; the administrator does it for others, ${size}, ${language}`, async (company) => {
    const pan = await company.person('pan.yu', { size, language, dark })
    const rui = await company.person('deng.rui', { size, language, dark })
    const today = (await (await company.api('pan.yu')).get('/clock')).now.slice(0, 10)
    await pan.opens('/settings')
    await press(pan, office.note)
    await sets(pan, office.from, today)
    await chooses(pan, office.standIn, pan.say({ zh: '邓睿', en: 'Deng Rui' }), sheetOf(pan))
    await chooseOf(pan, pan.say(office.only), pan.say(said.processes.complaint))
    await pan.page.keyboard.press('Escape')
    await looksRight(pan, 'absence-add')
    await press(pan, office.note, sheetOf(pan))
    await pan.page.getByText(pan.say(office.now), { exact: true }).waitFor()
    const list = async () => (await (await company.api('pan.yu')).get('/absences?user=pan.yu')).items
    assert.deepEqual((await list()).map(({ from, to, stand_in, processes }) => ({ from, to, stand_in, processes })), [{ from: today, to: null, stand_in: 'deng.rui', processes: ['complaint'] }])

    await rui.opens('/settings')
    await rui.page.getByText(rui.say(office.standsIn), { exact: true }).waitFor()
    await looksRight(rui, 'settings-administrator')
    await rui.opens('/people/pan.yu')
    await press(rui, office.changeIt)
    await sets(rui, office.to, '2031-05-02')
    await press(rui, office.save, sheetOf(rui))
    await sheetOf(rui).waitFor({ state: 'hidden' })
    assert.equal((await list())[0].to, '2031-05-02')
    await looksRight(rui, 'person-absent')
    await pan.opens('/settings')
    await looksRight(pan, 'settings-absent')
    await press(pan, office.cancel)
    await press(pan, office.confirm)
    await pan.page.getByText(pan.say(office.noAbsences)).waitFor()
    assert.deepEqual(await list(), [])
  })

  flow(`mail is turned off and on again for oneself, ${size}, ${language}`, async (company) => {
    const pan = await company.person('pan.yu', { size, language, dark })
    const program = await company.api('pan.yu')
    const on = async () => (await program.get('/channels')).items.find((c) => c.id === 'email').on
    await pan.opens('/settings')
    const mail = pan.page.getByRole('switch', { name: pan.say(office.byEmail) })
    await mail.click()
    await until('mail is off', async () => !(await on()))
    await pan.settled()
    await mail.click()
    await until('mail is on again', on)
  })

  flow(`a case is printed from its page, ${size}, ${language}`, async (company) => {
    const rui = await company.person('deng.rui', { size, language, dark })
    const { items } = await (await company.api('deng.rui')).get('/cases?process=lead-review&status=ended&limit=1')
    await rui.opens(`/cases/${items[0].id}`)
    const opened = rui.page.waitForEvent('popup')
    await rui.page.getByRole('link', { name: rui.say(office.print), exact: true }).click()
    const paper = await opened
    await paper.waitForLoadState()
    await paper.getByText(rui.say(office.opinions), { exact: true }).waitFor()
    assert.ok((await paper.title()).startsWith(items[0].number), await paper.title())
    if (shots) {
      await paper.setViewportSize({ width: 794, height: 1123 }) // A4
      await paper.screenshot({ path: join(shots, `print-${language}.png`), fullPage: true })
      await paper.pdf({ path: join(shots, `print-${language}.pdf`), format: 'A4', preferCSSPageSize: true }).catch(() => {}) // a browser with a window can't
    }
  })
}

/** Sets a day: on a phone in its wheel, on a desk in the calendar. */
async function sets(person, label, day) {
  const input = sheetOf(person).getByLabel(person.say(label), { exact: true })
  await input.fill(day)
  if (person.size === 'desk') await person.page.keyboard.press('Enter')
}

/** A chain that can't go on where there is an account of the same company. */
const account = `record: twin-account
title: {zh: 账户, en: Account}
number: "T{0000}"
fields:
  company: {title: {zh: 公司, en: Company}, type: text, required: true}
unique: [company]
`
const twin = `process: twin
title: {zh: 开户, en: Open an account}
record: lead
number: "TW{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: make, title: {zh: 建账户, en: Make it}, create: {twin-account: {company: record.company}}}
  - {id: then, task: {zh: 然后, en: Then}, by: initiator}
  - end: done
`

/** A chain whose only step nobody can do. */
const audit = `process: audit
title: {zh: 审计, en: Audit}
record: lead
number: "AU{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: look, task: {zh: 看账, en: Look at the books}, by: {role: auditor}}
  - end: done
`

/** A chain of which there will be a second version. */
const visit = (id) => `process: ${id}
title: {zh: 拜访, en: Visit}
record: lead
number: "VI{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: plan, approve: {zh: 计划, en: Plan}, by: {manager_of: initiator}, due: 2 working days}
  - {id: go, task: {zh: 拜访, en: Go there}, by: initiator}
  - end: visited
`
