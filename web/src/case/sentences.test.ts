import { expect, test } from 'vitest'
import type { Entry } from '../api/types'
import { timeline as en } from '../i18n/timeline.en'
import { timeline as zh } from '../i18n/timeline.zh'
import { sentenceOf, type Teller } from './sentences'

const words = { zh, en }

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/{{(\w+)}}/g, (_, name: string) => values[name] ?? `<${name}>`)
}

function teller(language: 'zh' | 'en'): Teller {
  const of = words[language]
  return {
    english: language === 'en',
    moment: (at) => at.slice(5, 16).replace('T', ' '),
    list: (list) => list.join(language === 'en' ? ', ' : '、'),
    word: (_, id) => id,
    step: (title, item) => fill(item ? of.stepItem : of.step, { title, item: item ?? '' }),
    name: (who) => of[who],
  }
}

/** An entry as the API gives it, read aloud with what was said beside it. */
function read(language: 'zh' | 'en', entry: Partial<Entry>): string {
  const whole = {
    seq: 1, at: '2026-09-30T10:12:00+08:00', event: 'started', step: null, item: null, task: null, by: null, for: null, outcome: null, comment: null, reason: null,
    data: {}, title: null, item_title: null, names: {}, words: {}, ...entry,
  } as Entry
  const said = sentenceOf(whole, teller(language))
  const text = fill(words[language][said.key], said.values)
  return [text, said.quote && `“${said.quote}”`, said.filled && fill(words[language].filled, { fields: said.filled })].filter(Boolean).join(' ')
}

const names = { 'wang.fang': '王芳', 'li.na': '李娜', 'chen.jie': '陈洁', 'department:quality': '质量部' }
const review = { step: 'first-contact', title: '初次接触审核', names }
const cause = { step: 'cause', title: '查明原因', item: 'purchasing', item_title: '采购部', names }

const told: [Partial<Entry>, string, string][] = [
  [{ event: 'started', by: 'li.na', names }, '李娜于 10:12 发起了流程', 'At 10:12 李娜 started the case'],
  [{ event: 'started', by: null, for: 'li.na', names }, '10:12 流程自动发起，发起人算作李娜', 'At 10:12 the case started by itself, in the name of 李娜'],
  [
    { ...review, event: 'opened', task: 't1', for: 'wang.fang', data: { due_at: '2026-10-08T18:00:00+08:00' } },
    '10:12 “初次接触审核”交给王芳办理，期限 10-08 18:00',
    'At 10:12 “初次接触审核” went to 王芳, due 10-08 18:00',
  ],
  [{ ...cause, event: 'opened', task: 't1', data: { candidates: ['department:quality'] } }, '10:12 “查明原因”（采购部）交给质量部办理', 'At 10:12 “查明原因” (采购部) went to 质量部'],
  [{ ...cause, event: 'opened', item: null, item_title: null, data: { items: ['purchasing'] }, words: { purchasing: '采购部' } }, '10:12 开始“查明原因”：采购部', 'At 10:12 “查明原因” began: 采购部'],
  [{ ...review, event: 'opened', data: {} }, '10:12 进入“初次接触审核”', 'At 10:12 “初次接触审核” began'],
  [
    { ...review, event: 'decided', task: 't1', by: 'wang.fang', outcome: 'approved', comment: '资料齐全' },
    '王芳于 10:12 同意了“初次接触审核” “资料齐全”',
    'At 10:12 王芳 approved “初次接触审核” “资料齐全”',
  ],
  [{ event: 'commented', by: 'li.na', comment: '客户来电催过', names }, '李娜于 10:12 留言 “客户来电催过”', 'At 10:12 李娜 commented “客户来电催过”'],
  [{ ...review, event: 'decided', task: 't1', by: 'wang.fang', outcome: 'rejected' }, '王芳于 10:12 拒绝了“初次接触审核”', 'At 10:12 王芳 rejected “初次接触审核”'],
  [
    { ...cause, event: 'decided', task: 't1', by: 'li.na', outcome: 'found', words: { found: '已查明', finding: '原因' }, data: { fields: ['finding'] } },
    '李娜于 10:12 完成了“查明原因”（采购部），结果：已查明 填写了原因',
    'At 10:12 李娜 finished “查明原因” (采购部): 已查明 Filled in: 原因',
  ],
  [
    { ...review, event: 'decided', task: 't1', by: 'li.na', for: 'wang.fang', outcome: 'approved', words: { approved: '同意' } },
    '李娜于 10:12 代王芳办理了“初次接触审核”，结果：同意',
    'At 10:12 李娜 did “初次接触审核” for 王芳: 同意',
  ],
  [{ ...review, event: 'decided', outcome: 'passed_over', reason: 'record.a > 1', words: { 'record.a > 1': '金额 > 1' } }, '10:12 “初次接触审核”不需要，跳过 “金额 > 1”', 'At 10:12 “初次接触审核” wasn’t needed “金额 > 1”'],
  [
    { ...review, event: 'decided', outcome: 'approved', reason: 'nobody had to be asked', data: { zh: '无需询问任何人' }, words: { approved: '同意' } },
    '10:12 “初次接触审核”没有询问任何人，系统记为：同意 “无需询问任何人”',
    'At 10:12 nobody had to be asked for “初次接触审核”, which counts as: 同意 “nobody had to be asked”',
  ],
  [{ ...review, event: 'decided', task: 't1', outcome: 'approved', reason: 'time ran out: decided by the system', words: { approved: '同意' } }, '10:12 “初次接触审核”到期没有答复，系统按规定记为：同意', 'At 10:12 “初次接触审核” was due without an answer, and by the rules counts as: 同意'],
  [
    { ...review, event: 'returned', task: 't1', by: 'wang.fang', outcome: 'returned', comment: '电话不对', data: { to: 'resubmit' }, words: { resubmit: '修改后重新提交' } },
    '王芳于 10:12 把“初次接触审核”退回“修改后重新提交” “电话不对”',
    'At 10:12 王芳 returned “初次接触审核” to “修改后重新提交” “电话不对”',
  ],
  [{ ...review, event: 'voided', for: 'wang.fang', data: { changed: { a: {} } } }, '10:12 内容改过了，王芳对“初次接触审核”的同意不再算数', 'At 10:12 the content had changed, so 王芳’s approval of “初次接触审核” no longer counts'],
  [
    { ...review, event: 'voided', task: 't9', data: { candidates: ['role:admin'] }, names: { ...names, 'role:admin': '系统管理员' } },
    '10:12 “初次接触审核”不再需要系统管理员办理',
    'At 10:12 “初次接触审核” was no longer needed from 系统管理员',
  ],
  [{ ...review, event: 'added', by: 'wang.fang', data: { people: ['chen.jie'], where: 'before' } }, '王芳于 10:12 请陈洁先对“初次接触审核”给出意见', 'At 10:12 王芳 asked 陈洁 for an opinion on “初次接触审核” first'],
  [{ ...review, event: 'removed', by: 'wang.fang', for: 'chen.jie' }, '王芳于 10:12 决定不再询问陈洁（“初次接触审核”）', 'At 10:12 王芳 decided that 陈洁 needn’t be asked (“初次接触审核”)'],
  [{ ...review, event: 'transferred', by: 'wang.fang', reason: '出差', data: { to: 'chen.jie' } }, '王芳于 10:12 把“初次接触审核”转交给陈洁 “出差”', 'At 10:12 王芳 handed “初次接触审核” over to 陈洁 “出差”'],
  [{ ...review, event: 'transferred', for: 'wang.fang', data: { to: 'chen.jie', zh: '不在或已离职' } }, '10:12 王芳不在，“初次接触审核”转给陈洁办理', 'At 10:12 王芳 was away, and “初次接触审核” went to 陈洁'],
  [{ ...cause, event: 'claimed', by: 'li.na' }, '李娜于 10:12 领取了“查明原因”（采购部）', 'At 10:12 李娜 claimed “查明原因” (采购部)'],
  [{ ...cause, event: 'released', by: 'li.na' }, '李娜于 10:12 放回了“查明原因”（采购部）', 'At 10:12 李娜 put “查明原因” (采购部) back'],
  [{ ...review, event: 'assigned', by: 'li.na', reason: '临时', data: { to: 'chen.jie' } }, '管理员李娜于 10:12 把“初次接触审核”指派给陈洁 “临时”', 'At 10:12 the administrator 李娜 assigned “初次接触审核” to 陈洁 “临时”'],
  [{ event: 'withdrawn', by: 'li.na', names }, '李娜于 10:12 撤回了流程', 'At 10:12 李娜 withdrew the case'],
  [{ event: 'revoked', by: 'li.na', names }, '李娜于 10:12 撤销了已通过的结果', 'At 10:12 李娜 revoked what had been approved'],
  [{ ...review, event: 'taken_back', by: 'wang.fang', outcome: 'approved' }, '王芳于 10:12 收回了对“初次接触审核”的答复', 'At 10:12 王芳 took back the answer to “初次接触审核”'],
  [{ ...review, event: 'told', data: { to: ['li.na', 'chen.jie'] } }, '10:12 已通知李娜、陈洁：“初次接触审核”', 'At 10:12 李娜, 陈洁 was told: “初次接触审核”'],
  [{ event: 'told', names, data: { to: ['li.na'], copy: 'end' } }, '10:12 抄送给李娜', 'At 10:12 a copy went to 李娜'],
  [{ ...review, event: 'reminded', data: { to: ['li.na'] } }, '10:12 “初次接触审核”快到期了，已提醒李娜', 'At 10:12 “初次接触审核” was due soon, and 李娜 was reminded'],
  [{ ...review, event: 'late', data: { rung: 0, to: ['li.na'] } }, '10:12 “初次接触审核”逾期了，已通知李娜', 'At 10:12 “初次接触审核” was late, and 李娜 was told'],
  [{ event: 'late', names, data: { clock: 'answer', to: ['li.na'] }, words: { answer: '客户答复时限' } }, '10:12 “客户答复时限”逾期了，已通知李娜', 'At 10:12 “客户答复时限” was late, and 李娜 was told'],
  [{ ...review, event: 'handed_up', for: 'wang.fang', data: { to: 'chen.jie' } }, '10:12 “初次接触审核”逾期，由王芳上交给陈洁办理', 'At 10:12 “初次接触审核” was late and went up from 王芳 to 陈洁'],
  [{ event: 'clock_stopped', reason: 'waiting', data: { clock: 'answer' }, words: { answer: '客户答复时限', waiting: '等客户' } }, '10:12 “客户答复时限”停止计时：等客户', 'At 10:12 the clock of “客户答复时限” stopped: 等客户'],
  [{ ...cause, event: 'clock_stopped', by: 'li.na', reason: 'waiting', comment: '样品在路上', words: { waiting: '等供应商' } }, '李娜于 10:12 停止了“查明原因”（采购部）的计时：等供应商 “样品在路上”', 'At 10:12 李娜 stopped the clock of “查明原因” (采购部): 等供应商 “样品在路上”'],
  [{ event: 'clock_started', reason: null, data: { clock: 'answer', due_at: '2026-10-16T18:00:00+08:00' }, words: { answer: '客户答复时限' } }, '10:12 “客户答复时限”开始计时，期限 10-16 18:00', 'At 10:12 the clock of “客户答复时限” began, due 10-16 18:00'],
  [{ ...cause, event: 'clock_started', by: 'li.na', reason: 'waiting' }, '李娜于 10:12 恢复了“查明原因”（采购部）的计时', 'At 10:12 李娜 let the clock of “查明原因” (采购部) go on'],
  [
    { ...review, event: 'recomputed', data: { from: '2026-10-08T18:00:00+08:00', to: '2026-10-09T18:00:00+08:00' } },
    '10:12 工作日历有调整，“初次接触审核”的期限由 10-08 18:00 改为 10-09 18:00',
    'At 10:12 the working calendar changed, and “初次接触审核” is due 10-09 18:00 instead of 10-08 18:00',
  ],
  [{ event: 'changed', step: 'set-1', data: { status: 'customer' }, words: { status: '状态' } }, '10:12 系统更新了记录：状态', 'At 10:12 the system updated the record: 状态'],
  [{ event: 'changed', step: 'create-1', data: { created: 'customer' }, words: { customer: '客户' } }, '10:12 系统新建了客户', 'At 10:12 the system made a new record: 客户'],
  [{ event: 'suspended', by: 'li.na', reason: '核实', names }, '管理员李娜于 10:12 暂停了流程 “核实”', 'At 10:12 the administrator 李娜 suspended the case “核实”'],
  [{ event: 'resumed', by: 'li.na', reason: '核实完', names }, '管理员李娜于 10:12 让流程继续 “核实完”', 'At 10:12 the administrator 李娜 let the case go on “核实完”'],
  [{ ...review, event: 'jumped', by: 'li.na', reason: '走错了' }, '管理员李娜于 10:12 把流程转到“初次接触审核” “走错了”', 'At 10:12 the administrator 李娜 led the case to “初次接触审核” “走错了”'],
  [{ event: 'urged', step: 's', title: '审核', by: 'li.na', data: { to: ['chen.jie'] }, comment: '客户在等', names: { ...names, 'chen.jie': '陈洁' } }, '李娜于 10:12 就“审核”催办了陈洁 “客户在等”', 'At 10:12 李娜 urged 陈洁: “审核” “客户在等”'],
  [{ event: 'told', by: 'li.na', data: { to: ['chen.jie'], copy: 'by_hand' }, names: { ...names, 'chen.jie': '陈洁' } }, '李娜于 10:12 抄送给陈洁', 'At 10:12 李娜 sent a copy to 陈洁'],
  [{ event: 'transferred', by: 'pan.yu', for: 'li.na', data: { to: 'chen.jie', what: 'initiator' }, names: { ...names, 'chen.jie': '陈洁' } }, '10:12 陈洁接替李娜成为发起人', 'At 10:12 陈洁 took the place of 李娜, who had started the case'],
  [{ event: 'migrated' }, '10:12 流程换到了新版本的规则', 'At 10:12 the case went on by a new version of the rules'],
  [
    { ...review, event: 'differs', reason: 'Chen Jie has left', data: { zh: '陈洁 已离职', foreseen: { who: ['chen.jie'] }, now: { who: ['li.na'] } }, names: { ...names, 'chen.jie': '陈洁' } },
    '10:12 “初次接触审核”由李娜办理，发起时的预览是陈洁 “陈洁 已离职”',
    'At 10:12 “初次接触审核” went to 李娜; the preview had named 陈洁 “Chen Jie has left”',
  ],
  [
    { ...review, event: 'differs', data: { foreseen: { due_at: '2026-10-08T18:00:00+08:00' }, now: { due_at: '2026-10-09T18:00:00+08:00' } } },
    '10:12 “初次接触审核”的期限是 10-09 18:00，发起时的预览是 10-08 18:00',
    'At 10:12 “初次接触审核” got the limit 10-09 18:00; the preview had said 10-08 18:00',
  ],
  [{ ...review, event: 'differs', data: { foreseen: { who: ['chen.jie'] }, now: { passed_over: true } } }, '10:12 预览中的“初次接触审核”没有经过', 'At 10:12 “初次接触审核”, which the preview had named, was passed over'],
  [{ ...review, event: 'differs', data: { now: { who: ['chen.jie'] } } }, '10:12 “初次接触审核”与发起时的预览不同', 'At 10:12 “初次接触审核” turned out otherwise than the preview had said'],
  [{ ...review, event: 'failed', task: 't9', reason: 'the phone is taken', data: { zh: '电话重复' } }, '10:12 流程在“初次接触审核”停住了，管理员已收到通知 “电话重复”', 'At 10:12 the case couldn’t go on at “初次接触审核”; the administrators were told “the phone is taken”'],
  [{ ...review, event: 'undone', data: { kept: 'notify', zh: '已发出的消息无法收回' }, reason: 'a message that was sent can’t be taken back' }, '10:12 “初次接触审核”不能恢复原状 “已发出的消息无法收回”', 'At 10:12 “初次接触审核” couldn’t be undone “a message that was sent can’t be taken back”'],
  [{ event: 'ended', outcome: 'approved', words: { approved: '通过' } }, '10:12 流程结束：通过', 'At 10:12 the case ended: 通过'],
  [{ event: 'ended', outcome: 'cancelled', by: 'li.na', names, reason: '重复', words: { cancelled: '取消' } }, '李娜于 10:12 结束了流程：取消 “重复”', 'At 10:12 李娜 ended the case: 取消 “重复”'],
  [{ event: 'called', data: { process: 'inner', call: 'c1', case: 'x', number: 'IN0001' }, words: { inner: '内部' } }, '10:12 发起了流程“内部”（IN0001）', 'At 10:12 the process “内部” was started (IN0001)'],
  [{ event: 'waiting', step: 'pause', title: '等待 3 个工作日', data: { due_at: '2026-10-08T09:00:00+08:00' } }, '10:12 “等待 3 个工作日”，到 10-08 09:00 继续', 'At 10:12 “等待 3 个工作日” began; the case goes on 10-08 09:00'],
  [{ event: 'chosen', step: 'choose-1', title: '按条件选择', reason: 'record.a', words: { 'record.a': '金额大' } }, '10:12 按条件继续：金额大', 'At 10:12 the case went on by the condition: 金额大'],
  [{ event: 'happened', step: 'w', title: '等待付款', by: 'li.na' }, '10:12 收到消息，“等待付款”继续', 'At 10:12 news came in, and “等待付款” went on'],
]

test.each(told)('%j', (entry, zh, en) => {
  expect(read('zh', entry)).toBe(zh)
  expect(read('en', entry)).toBe(en)
})

// The events of docs/api.md; an event without a sentence of its own would be read as “something moved”.
const events = `started opened decided returned voided added removed transferred claimed released assigned withdrawn revoked taken_back told reminded late handed_up clock_stopped clock_started
  recomputed changed suspended resumed jumped migrated differs failed undone ended called waiting chosen answered happened commented urged`.split(/\s+/)

test.each(events)('%s is said in a sentence of its own, without a hole', (event) => {
  const entry = { event, step: 's', title: 'T', names: {}, words: {} }
  expect(read('en', entry)).not.toContain('something moved')
  for (const language of ['zh', 'en'] as const) expect(read(language, entry)).not.toMatch(/<\w+>|undefined/)
})
