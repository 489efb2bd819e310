// Chains of the tests' own, for what the shipped ones don't ask of anybody.
import { newPhone } from './doing.mjs'

const head = (id, zh, en, number) => `process: ${id}
title: {zh: ${zh}, en: ${en}}
record: lead
number: "${number}{0000}"
subject: "{record.company}"
summary: [contact, source]
start: {by: [role:sales]}
`

/** An approval whose content somebody else can still change. */
const visit = head('visit', '拜访申请', 'Visit', 'BF') + `steps:
  - id: both
    parallel:
      - {id: left, title: {zh: 审批, en: Approval}, steps: [{id: look, approve: {zh: 拜访审批, en: Approve the visit}, by: {user: chen.jie}, show: [company, need]}]}
      - {id: right, title: {zh: 准备, en: Preparation}, steps: [{id: prepare, task: {zh: 准备材料, en: Prepare the papers}, by: initiator, edit: {need: required}}]}
  - end: approved
`

/** One that wants words even to agree, and one that is never decided together with others. */
const worded = head('gift', '礼品申请', 'Gift', 'LP') + `steps:
  - {id: look, approve: {zh: 礼品审批, en: Approve the gift}, by: {user: chen.jie}, comment: {required_on: [approved, rejected]}}
  - end: approved
`
const single = head('banquet', '宴请申请', 'Banquet', 'YQ') + `steps:
  - {id: look, approve: {zh: 宴请审批, en: Approve the banquet}, by: {user: chen.jie}, bulk: no}
  - end: approved
`

/** The initiator picks who looks first, they pick who looks again, and that one signs. */
const contract = head('contract', '合同审批', 'Contract', 'HT') + `steps:
  - {id: first, approve: {zh: 合同初审, en: Look at the contract}, by: {picked_by: initiator, from: [{user: chen.jie}, {user: huang.zhiwei}]}}
  - {id: sign, approve: {zh: 合同签字, en: Sign the contract}, by: {picked_by: previous, from: {role: finance}}, signature: required}
  - end: approved
`

/** One that may be revoked, and handed in again. */
const loan = head('loan', '样机借用', 'Loan', 'JY') + `revoke: {by: [initiator], within: 5 working days, approved_by: [{user: chen.jie}]}
steps:
  - {id: look, approve: {zh: 借用审批, en: Approve the loan}, by: {user: chen.jie}}
  - end: approved
`

/** One that waits for nobody until a parcel has arrived. */
const sample = head('sample', '样品寄送', 'Sample', 'YP') + `steps:
  - {id: look, approve: {zh: 样品审批, en: Approve the sample}, by: {user: chen.jie}}
  - {id: parcel, title: {zh: 样品签收, en: The sample arrives}, wait: {on: parcel.arrived, within: 10 working days}}
  - end: approved
`

/** Publishes them; published again they are what they were. */
export async function publish(company) {
  const files = Object.entries({ visit, gift: worded, banquet: single, contract, loan, sample }).map(([name, content]) => ({ path: `${name}.yaml`, content }))
  await (await company.api('deng.rui')).post('/definitions', { files })
}

let phones = 0

/** What a lead of a test holds; each has a telephone of its own. */
export const lead = (company) => ({ company, contact: 'Xu Min', phone: `${newPhone()}${phones++}`, source: 'call' })
