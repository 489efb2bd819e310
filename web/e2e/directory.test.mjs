// Roles and who holds them for what, groups and who is in them, departments and who is in charge: given on the page, and asked by chains.
import assert from 'node:assert/strict'
import { button, chooseOf, press } from './doing.mjs'
import { flow } from './flow.mjs'
import { aLead, chooses, fresh, looksRight, publishes, sheetOf, windows } from './office.mjs'
import { said } from './said.mjs'
import { words } from './said_company.mjs'
import { office } from './said_office.mjs'

const named = (person, zh, en) => person.say({ zh, en })
const row = (person, text) => person.page.getByRole('listitem').filter({ has: person.page.getByText(text, { exact: true }) })

for (const { size, language, dark } of windows) {
  flow(`a role is held for everything, or for one value only, ${size}, ${language}`, async (company) => {
    const id = fresh('region-')
    const title = { zh: fresh('区域经理'), en: fresh('Regional ') }
    const admin = await company.api('deng.rui')
    const li = await company.api('li.na')
    const rui = await company.person('deng.rui', { size, language, dark })
    const { page } = rui
    await rui.opens('/roles')
    await press(rui, words.roles.add)
    const sheet = sheetOf(rui)
    await sheet.getByLabel(rui.say(words.id), { exact: true }).fill(id)
    await sheet.getByLabel(rui.say(words.nameZH), { exact: true }).fill(title.zh)
    await sheet.getByLabel(rui.say(words.nameEN), { exact: true }).fill(title.en)
    await chooses(rui, words.roles.everything, named(rui, '何悦', 'He Yue'), sheet)
    await page.keyboard.press('Escape')
    await press(rui, said.addLine, sheet)
    await sheet.getByLabel(rui.say(words.roles.value), { exact: true }).fill('exhibition')
    await press(rui, words.roles.add, sheet)
    await sheet.getByText(rui.say(words.roles.half)).waitFor()
    await looksRight(rui, 'role-half')
    await chooses(rui, words.roles.people, named(rui, '宋佳', 'Song Jia'), sheet)
    await page.keyboard.press('Escape')
    await looksRight(rui, 'role-add')
    await press(rui, words.roles.add, sheet)
    await sheet.waitFor({ state: 'hidden' })
    const line = row(rui, rui.say(title))
    await line.getByText(rui.say(words.roles.onlyFor)('exhibition'), { exact: true }).waitFor()
    await line.getByText(named(rui, '宋佳', 'Song Jia'), { exact: true }).waitFor()
    await line.getByText(named(rui, '何悦', 'He Yue'), { exact: true }).waitFor()
    await looksRight(rui, 'roles')
    const held = async () => (await admin.get('/roles?limit=200')).items.find((role) => role.id === id)
    assert.deepEqual([(await held()).users, (await held()).for], [['he.yue'], { exhibition: ['song.jia'] }])

    await publishes(admin, [['regional.yaml', regional(id)]])
    const asks = async (source) => (await li.start('regional', aLead('Regional ', source))).open[0].who.toSorted()
    assert.deepEqual(await asks('exhibition'), ['he.yue', 'song.jia'])
    assert.deepEqual(await asks('call'), ['he.yue'])

    // the same from the person's side
    await rui.opens('/people/fan.li')
    await press(rui, office.change)
    await press(rui, said.addLine, sheetOf(rui))
    await chooseOf(rui, rui.say(words.roles.role), rui.say(title), { typed: rui.say(title), within: sheetOf(rui) })
    await press(rui, words.save, sheetOf(rui))
    await sheetOf(rui).getByText(rui.say(words.roles.halfOfPerson)).waitFor()
    await sheetOf(rui).getByLabel(rui.say(words.roles.value), { exact: true }).fill('call')
    await looksRight(rui, 'person-scoped')
    await press(rui, words.save, sheetOf(rui))
    await sheetOf(rui).waitFor({ state: 'hidden' })
    await page.getByText(`${rui.say(title)} · call`).waitFor()
    await looksRight(rui, 'person-with-scope')
    assert.deepEqual((await admin.get('/users?id=fan.li')).items[0].roles, ['finance', `${id}@call`])
    assert.deepEqual(await asks('call'), ['fan.li', 'he.yue'])
    await press(rui, office.change)
    await sheetOf(rui).getByRole('button', { name: rui.say(words.roles.removeLine) }).click()
    await press(rui, words.save, sheetOf(rui))
    await sheetOf(rui).waitFor({ state: 'hidden' })
    assert.deepEqual((await admin.get('/users?id=fan.li')).items[0].roles, ['finance'])

    await rui.opens('/roles')
    await line.getByRole('button', { name: rui.say(words.changes) }).click()
    await sheetOf(rui).getByRole('button', { name: rui.say(words.roles.removeLine) }).click()
    await press(rui, words.save, sheetOf(rui))
    await sheetOf(rui).waitFor({ state: 'hidden' })
    assert.deepEqual([(await held()).users, (await held()).for], [['he.yue'], {}])
    await admin.patch(`/roles/${id}`, { users: [] })
    await page.reload()
    await line.getByText(rui.say(words.roles.nobody)).waitFor()

    const somebody = await company.person('zhou.min', { size, language, dark })
    await somebody.opens('/roles')
    await row(somebody, somebody.say(title)).waitFor()
    assert.equal(await button(somebody, words.roles.add).count() + await somebody.page.getByRole('button', { name: somebody.say(words.changes) }).count(), 0)
    await looksRight(somebody, 'roles-read')
  })

  flow(`a department has a head and an executive in charge, ${size}, ${language}`, async (company) => {
    const id = fresh('team-')
    const title = { zh: fresh('项目组'), en: fresh('Project team ') }
    const admin = await company.api('deng.rui')
    const li = await company.api('li.na')
    const rui = await company.person('deng.rui', { size, language, dark })
    await rui.opens('/departments')
    await press(rui, words.departments.add)
    const sheet = sheetOf(rui)
    await sheet.getByLabel(rui.say(words.id), { exact: true }).fill(id)
    await sheet.getByLabel(rui.say(words.nameZH), { exact: true }).fill(title.zh)
    await sheet.getByLabel(rui.say(words.nameEN), { exact: true }).fill(title.en)
    await chooses(rui, words.departments.parent, named(rui, '销售部', 'Sales'), sheet)
    await chooses(rui, words.departments.head, named(rui, '陈洁', 'Chen Jie'), sheet)
    await looksRight(rui, 'department-add')
    await press(rui, words.departments.add, sheet)
    await sheet.waitFor({ state: 'hidden' })
    const line = row(rui, rui.say(title))
    await line.getByText(named(rui, '陈洁', 'Chen Jie'), { exact: true }).waitFor()
    await line.getByText(named(rui, '王建国', 'Wang Jianguo'), { exact: true }).waitFor()
    await line.getByText(rui.say(words.departments.byManagement)).waitFor()
    await looksRight(rui, 'departments')
    const made = async () => (await admin.get('/departments?limit=200')).items.find((d) => d.id === id)
    assert.deepEqual({ ...(await made()), name: '' }, { id, name: '', head: 'chen.jie', in_charge: null, parent: 'sales', texts: { name: title } })

    await publishes(admin, [['in-charge.yaml', inCharge(id)]])
    const asks = async () => (await li.start('in-charge', aLead('In charge '))).open[0].who
    assert.deepEqual(await asks(), ['wang.jianguo'])
    await line.getByRole('button', { name: rui.say(words.changes) }).click()
    await chooses(rui, words.departments.inCharge, named(rui, '周敏', 'Zhou Min'), sheetOf(rui))
    await press(rui, words.save, sheetOf(rui))
    await sheetOf(rui).waitFor({ state: 'hidden' })
    await line.getByText(named(rui, '周敏', 'Zhou Min'), { exact: true }).waitFor()
    await line.getByText(rui.say(words.departments.byManagement)).waitFor({ state: 'hidden' })
    assert.equal((await made()).in_charge, 'zhou.min')
    assert.deepEqual(await asks(), ['zhou.min'])

    // what can't be is said at its field, and changes nothing
    rui.expects(/\/departments\/sales\)/)
    await row(rui, named(rui, '销售部', 'Sales')).getByRole('button', { name: rui.say(words.changes) }).click()
    await chooses(rui, words.departments.parent, rui.say(title), sheetOf(rui))
    await press(rui, words.save, sheetOf(rui))
    await sheetOf(rui).locator('.ant-form-item').filter({ has: rui.page.getByLabel(rui.say(words.departments.parent), { exact: true }) }).getByText(rui.say(words.departments.circle)).waitFor()
    await press(rui, words.cancel, sheetOf(rui))
    assert.equal((await admin.get('/departments?limit=200')).items.find((d) => d.id === 'sales').parent, 'management')

    const somebody = await company.person('zhou.min', { size, language, dark })
    await somebody.opens('/departments')
    await row(somebody, somebody.say(title)).waitFor()
    assert.equal(await button(somebody, words.departments.add).count() + await somebody.page.getByRole('button', { name: somebody.say(words.changes) }).count(), 0)
  })
}

flow('a group has members, and chains ask them', async (company) => {
  const id = fresh('board-')
  const title = { zh: fresh('评审组'), en: fresh('Board ') }
  const admin = await company.api('deng.rui')
  const rui = await company.person('deng.rui', windows[1])
  await rui.opens('/groups')
  await press(rui, words.groups.add)
  const sheet = sheetOf(rui)
  await sheet.getByLabel(rui.say(words.id), { exact: true }).fill(id)
  await sheet.getByLabel(rui.say(words.nameZH), { exact: true }).fill(title.zh)
  await sheet.getByLabel(rui.say(words.nameEN), { exact: true }).fill(title.en)
  await chooses(rui, words.groups.members, named(rui, '宋佳', 'Song Jia'), sheet)
  await rui.page.keyboard.press('Escape')
  await press(rui, words.groups.add, sheet)
  await sheet.waitFor({ state: 'hidden' })
  const line = row(rui, rui.say(title))
  await line.getByText(named(rui, '宋佳', 'Song Jia'), { exact: true }).waitFor()
  await publishes(admin, [['board.yaml', board(id)]])
  assert.deepEqual((await (await company.api('li.na')).start('board', aLead('Board '))).open[0].who, ['song.jia'])

  await line.getByRole('button', { name: rui.say(words.changes) }).click()
  await sheetOf(rui).locator('.ant-select-selection-item-remove').click()
  await looksRight(rui, 'group-change')
  await press(rui, words.save, sheetOf(rui))
  await sheetOf(rui).waitFor({ state: 'hidden' })
  await line.getByText(rui.say(words.groups.nobody)).waitFor()
  assert.deepEqual((await admin.get('/groups?limit=200')).items.find((group) => group.id === id).members, [])
})

const head = (id, zh, en, number) => `process: ${id}
title: {zh: ${zh}, en: ${en}}
record: lead
number: "${number}{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
`

/** A chain that asks whoever holds a role for the lead's source. */
const regional = (role) => head('regional', '区域审批', 'Regional approval', 'QY') + `steps:
  - {id: look, approve: {zh: 区域审批, en: Approve it}, by: {role: ${role}, for: record.source}}
  - end: approved
`

/** A chain that asks a group. */
const board = (group) => head('board', '组审批', 'Approval by a group', 'ZS') + `steps:
  - {id: look, approve: {zh: 组审批, en: Approve it}, by: {group: ${group}}}
  - end: approved
`

/** A chain that asks who is in charge of a department. */
const inCharge = (department) => head('in-charge', '分管审批', 'Approval by who is in charge', 'FG') + `steps:
  - {id: look, approve: {zh: 分管审批, en: Approve it}, by: {in_charge_of: ${department}}}
  - end: approved
`
