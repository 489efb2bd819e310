import { expect, test } from 'vitest'
import type { Task } from '../api/types'
import { aloneBecause } from './bulk'

const task = (more: Partial<Task>) => ({ actions: ['approve', 'reject'], bulk: true, signature: false, form: [], ...more }) as unknown as Task
const form = (value: unknown) => [{ field: 'need', access: 'edit', required: true, value }] as unknown as Task['form']

test('what wants to be opened can’t be chosen, and why is known', () => {
  expect(aloneBecause('todo', task({}))).toBeNull()
  expect(aloneBecause('todo', task({ bulk: false }))).toBe('bulk')
  expect(aloneBecause('todo', task({ signature: true }))).toBe('sign')
  expect(aloneBecause('todo', task({ actions: ['complete'] }))).toBe('work')
  expect(aloneBecause('todo', task({ form: form(null) }))).toBe('fill')
  expect(aloneBecause('todo', task({ form: form('pumps') }))).toBeNull()
})

test('what is claimed or read needs no answer', () => {
  expect(aloneBecause('claimable', task({ actions: ['claim'], form: form(null) }))).toBeNull()
  expect(aloneBecause('copied', task({ actions: ['read'] }))).toBeNull()
  expect(aloneBecause('copied', task({ actions: [] }))).toBe('read')
})
