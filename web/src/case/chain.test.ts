import { expect, test } from 'vitest'
import type { Case, Entry, PreviewStep } from '../api/types'
import { chainOf, flat, standing, type Node } from './chain'

type Run = Case['steps'][number]
const run = (step: string, more: Partial<Run> = {}): Run => ({ step, item: null, status: 'done', round: 1, title: step, kind: 'approve', ...more })
const open = (step: string, item: string | null = null) => ({ task: 't-' + step + (item ?? ''), step, item, title: step, who: ['li.na'], due_at: null })
const said = (seq: number, event: string, step: string, more: Partial<Entry> = {}): Entry =>
  ({ seq, event, step, item: null, at: '2026-09-30T10:12:00+08:00', by: 'li.na', for: null, task: 't', outcome: 'approved', comment: null, reason: null, data: {}, names: {}, words: {}, ...more }) as Entry
const next = (step: string, more: Partial<PreviewStep> = {}): PreviewStep =>
  ({ step, item: null, title: step, kind: 'approve', who: [{ user: 'li.na', because: 'role' }], if: null, when: null, because: null, due_at: null, certain: true, ...more }) as PreviewStep
const drawn = (nodes: Node[]): string[] => nodes.flatMap((n) => [n.key + ':' + n.status, ...drawn(n.children).map((line) => '  ' + line)])

test('items stand inside the step that runs for each, with its own answers', () => {
  const steps = [run('find', { kind: 'each', status: 'open' }), run('cause', { item: 'purchasing', inside: 'find', item_title: '采购部' }), run('cause', { item: 'production', inside: 'find', status: 'open' })]
  const nodes = chainOf({ steps, open: [open('cause', 'production')], status: 'running' }, [said(1, 'decided', 'cause', { item: 'purchasing', outcome: 'found' })], [])
  expect(drawn(nodes)).toEqual(['find:open', '  cause@purchasing:done', '  cause@production:open'])
  expect(flat(nodes).map((n) => n.answers.length)).toEqual([0, 1, 0])
  expect(flat(nodes)[1]?.item).toBe('采购部')
  expect(standing(nodes).map((n) => n.key)).toEqual(['cause@production'])
})

test('an item inside an item stands inside its own', () => {
  const steps = [run('a', { kind: 'each' }), run('b', { item: '1', inside: 'a', kind: 'each' }), run('b', { item: '2', inside: 'a', kind: 'each' }), run('c', { item: '2/x', inside: 'b' })]
  expect(drawn(chainOf({ steps, open: [], status: 'running' }, [], []))).toEqual(['a:done', '  b@1:done', '  b@2:done', '    c@2/x:done'])
})

test('a returned round stays with its step, and what was passed over has no answer', () => {
  const entries = [said(1, 'returned', 'first', { outcome: 'returned' }), said(2, 'decided', 'first'), said(3, 'decided', 'terms', { outcome: 'passed_over', by: null, task: null })]
  const nodes = chainOf({ steps: [run('first', { round: 2 }), run('terms', { status: 'passed_over' })], open: [], status: 'running' }, entries, [])
  expect(nodes.map((n) => n.answers.map((a) => a.entry.event))).toEqual([['returned', 'decided'], []])
  expect(nodes[0]?.round).toBe(2)
})

test('what comes next follows, with its alternatives together; what is open isn’t drawn twice', () => {
  const coming = [next('first'), next('terms', { certain: false, when: '授信额度 > 50万 CNY' }), next('terms', { certain: false, when: '不是（授信额度 > 50万 CNY）' }), next('end')]
  const nodes = chainOf({ steps: [run('first', { status: 'open' })], open: [open('first')], status: 'running' }, [], coming)
  expect(drawn(nodes)).toEqual(['first:open', 'terms+:coming', 'end+:coming'])
  expect(nodes[1]?.ways).toHaveLength(2)
})

test('a step that is come back to stands once where it was and once where it comes', () => {
  const nodes = chainOf({ steps: [run('first'), run('resubmit', { status: 'open' })], open: [open('resubmit')], status: 'running' }, [], [next('resubmit'), next('first')])
  expect(drawn(nodes)).toEqual(['first:done', 'resubmit:open', 'first+:coming'])
})

test('nothing comes after the end', () => {
  expect(chainOf({ steps: [run('first')], open: [], status: 'ended' }, [], [next('first')])).toHaveLength(1)
})
