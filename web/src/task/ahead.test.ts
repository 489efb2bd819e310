import { expect, test } from 'vitest'
import type { PreviewStep } from '../api/types'
import { aheadOf, capital } from './ahead'

const next = (step: string, more: Partial<PreviewStep> = {}): PreviewStep =>
  ({ step, item: null, title: step, kind: 'approve', who: [{ user: 'zhou.min', because: 'role' }], if: null, when: null, because: null, due_at: null, certain: true, ...more }) as PreviewStep
const two = [{ user: 'zhou.min', because: 'role' }, { user: 'song.jia', because: 'role' }]

test('a step that may go several ways stands once, with whom each way asks', () => {
  const over = next('cooperation', { who: two, when: 'credit limit > 50万 CNY', certain: false })
  const ahead = aheadOf([next('terms'), over, next('cooperation', { when: 'not over it', certain: false })], { step: 'first', item: null })
  expect(ahead.map((s) => s.title)).toEqual(['terms', 'cooperation'])
  expect(ahead[1]?.ways.map((w) => [w.when, w.who])).toEqual([['credit limit > 50万 CNY', ['zhou.min', 'song.jia']], ['not over it', ['zhou.min']]])
})

test('the items of a list are told apart', () => {
  const steps = [next('cause', { item: 'purchasing', item_title: '采购部' }), next('cause', { item: 'production', item_title: '生产部' }), next('confirm')]
  expect(aheadOf(steps, { step: 'inspect', item: null }).map((s) => s.item)).toEqual(['采购部', '生产部', null])
  expect(aheadOf(steps, { step: 'cause', item: 'purchasing' }).map((s) => s.item)).toEqual(['生产部', null])
})

test('who isn’t known yet is told by why, and what asks nobody isn’t told', () => {
  const steps = [next('cause', { who: [{ user: null, because: 'Department Purchasing' }] }), next('set', { who: [] })]
  expect(aheadOf(steps, { step: 'inspect', item: null }).map((s) => [s.title, s.ways[0]?.who, s.ways[0]?.why])).toEqual([['cause', [], 'Department Purchasing']])
})

test('a word at the beginning of a line is written large', () => {
  expect(['done', 'Lost', '完成'].map(capital)).toEqual(['Done', 'Lost', '完成'])
})
