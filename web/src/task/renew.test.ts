import { expect, test, vi } from 'vitest'
import { renewed } from './renew'

// The page remembers its language on the device: there is none here.
vi.hoisted(() => Object.assign(globalThis, { localStorage: { getItem: () => 'zh' } }))

const field = (name: string, value: unknown) => ({ field: name, title: name, type: 'text', value })

test('what somebody else has changed stands in the form, unless the reader has written there', () => {
  const was = [field('need', 'pumps'), field('products', null), field('amount', '1')]
  const now = [field('need', 'valves'), field('products', 'P-100'), field('amount', '1')]
  expect(renewed(was, now, { need: 'pumps', amount: '1' })).toEqual({ need: 'valves', products: 'P-100' })
  expect(renewed(was, now, { need: 'pumps and more', products: 'X', amount: '2' })).toEqual({})
})

test('what was emptied is empty, and a field that is new has its value', () => {
  expect(renewed([field('need', 'pumps')], [field('need', null), field('terms', '30 days')], { need: 'pumps' })).toEqual({ need: undefined, terms: '30 days' })
})
