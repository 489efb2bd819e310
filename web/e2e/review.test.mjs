// The review of a new customer, from the first contact to the customer, by four people, with one return.
import assert from 'node:assert/strict'
import { approves, completes, looksFor, newPhone, opensTask, press, returns, row, signsIn, starts } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'

const windows = [
  { language: 'zh', seller: 'phone', manager: 'desk' },
  { language: 'en', seller: 'desk', manager: 'phone' },
]

for (const { language, seller, manager } of windows) {
  flow(`three gates make a customer, in ${language}, sold on a ${seller}`, async (company) => {
    const name = `天汇泵业 ${Date.now()}`
    const li = await company.person('li.na', { size: seller, language, signedIn: false })
    const chen = await company.person('chen.jie', { size: manager, language })
    const zhou = await company.person('zhou.min', { size: 'desk', language })
    const liang = await company.person('liang.hong', { size: 'phone', language })
    li.expects(/401/) // before she signs in

    await li.page.goto('/')
    await li.page.waitForURL('**/sign-in**')
    await signsIn(li)

    await chen.opens('/inbox/todo')
    const kase = await starts(li, 'lead-review', {
      company: name, contact: 'Xu Min', phone: newPhone(), source: { choose: said.choices.exhibition },
    })

    // the first gate: it comes by itself, and is given back once
    await row(chen, name).waitFor()
    await opensTask(chen, name)
    await returns(chen, 'What do they need?')
    await opensTask(li, name)
    await li.page.getByText('What do they need?').first().waitFor()
    await completes(li, said.complete, { need: 'Pumps for the styrene plant' })
    await opensTask(chen, name)
    await chen.page.getByText('Pumps for the styrene plant').first().waitFor()
    await approves(chen)

    // the second: approved from the list, after one look
    await opensTask(li, name)
    await completes(li, said.complete, { products: 'CQB 50-32-160', expected_amount: '1200000' })
    await looksFor(chen, name)
    await row(chen, name).getByRole('button').click()
    const sheet = chen.page.getByRole('dialog')
    await sheet.getByText('CQB 50-32-160').first().waitFor()
    await press(chen, said.approve, sheet)
    await row(chen, name).waitFor({ state: 'detached' })

    // the third: the limit is high, so finance is asked beside the director
    await opensTask(li, name)
    await completes(li, said.complete, { credit_limit: '800000', payment_terms: '30 days net' })
    await zhou.opens('/inbox/todo')
    await opensTask(zhou, name)
    await approves(zhou)
    await liang.opens('/inbox/todo')
    await opensTask(liang, name)
    await fillComment(liang, 'Insured up to 1m')
    await approves(liang)

    const program = await company.api('li.na')
    const now = await program.get(`/cases/${kase.id}`)
    assert.equal(`${now.status}, ${now.outcome}`, 'ended, approved')
    await li.opens(`/cases/${kase.id}`)
    await li.page.getByText('Insured up to 1m').first().waitFor()
    const customers = await program.get(`/records/customer?q=${encodeURIComponent(name)}`)
    assert.deepEqual(customers.items.map((c) => [c.fields.company, c.fields.credit_limit.amount]), [[name, 80_000_000]])
  })
}

async function fillComment(person, text) {
  await person.page.getByLabel(person.say(said.comment), { exact: true }).fill(text)
}
