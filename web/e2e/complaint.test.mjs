// A complaint on its way through quality and both departments, one of which has to look again, to the answer.
import assert from 'node:assert/strict'
import { approves, claims, completes, opensTask, returns, starts } from './doing.mjs'
import { flow } from './flow.mjs'
import { said } from './said.mjs'

const windows = [
  { language: 'zh', sales: 'phone', departments: 'desk' },
  { language: 'en', sales: 'desk', departments: 'phone' },
]

for (const { language, sales, departments } of windows) {
  flow(`a complaint goes through two departments, in ${language}, from a ${sales}`, async (company) => {
    const program = await company.api('li.na')
    const customer = (await program.get('/records/customer?limit=1')).items[0]
    const product = `P-${Date.now()}`
    const li = await company.person('li.na', { size: sales, language })
    const feng = await company.person('feng.lei', { size: 'desk', language })
    const zhu = await company.person('zhu.lin', { size: departments, language })
    const guo = await company.person('guo.yong', { size: departments, language })

    await li.opens('/')
    const kase = await starts(li, 'complaint', { customer: { find: customer.fields.company }, product, defect: 'Cracked casing' })
    await opensTask(li, product)
    await completes(li, said.complete)

    await feng.opens('/')
    await claims(feng, product)
    await completes(feng, said.outcomes.founded, {
      cause: 'A crack in the casting', responsible: { choose: [said.choices.purchasing, said.choices.production] }, report: { file: 'report.pdf' },
    })

    for (const [person, finding] of [[zhu, 'The supplier changed the alloy'], [guo, 'Nobody measured again']]) {
      await person.opens('/')
      await claims(person, product)
      await completes(person, said.outcomes.found, { finding, measure: 'Another supplier' })
    }

    // purchasing's finding isn't enough, production's stays
    await opensTask(feng, product)
    await returns(feng, 'No evidence', [said.choices.purchasing])
    await zhu.opens('/')
    await claims(zhu, product)
    await completes(zhu, said.outcomes.found, { finding: 'The supplier changed the alloy, see their letter' })
    await opensTask(feng, product)
    await feng.page.getByText('see their letter').first().waitFor()
    await approves(feng)

    await opensTask(li, product)
    await completes(li, said.outcomes.closed, { answer: 'Replaced at no cost' })
    const now = await program.get(`/cases/${kase.id}`)
    assert.equal(`${now.status}, ${now.outcome}`, 'ended, closed')
    assert.deepEqual((await program.get(`/records/complaint/${now.record.id}`)).fields.findings.map((f) => f.department).sort(), ['production', 'purchasing'])
    await li.opens(`/cases/${kase.id}`)
    await li.page.getByText('No evidence').first().waitFor()
  })
}
