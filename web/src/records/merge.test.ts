import { expect, test, vi } from 'vitest'
import { clashes } from './merge'

// The page remembers its language on the device: there is none here.
vi.hoisted(() => Object.assign(globalThis, { localStorage: { getItem: () => 'zh' } }))

const field = (name: string) => ({ field: name, title: name, type: 'text' })
const fields = [field('company'), field('contact'), field('phone')]
const was = { company: 'A', contact: 'X', phone: '1' }

test('what only I changed clashes with nothing', () => {
  expect(clashes(fields, was, { ...was, phone: '2' }, { contact: 'Y' })).toEqual([])
})

test('what both changed differently clashes, with what it was, is and would be', () => {
  expect(clashes(fields, was, { ...was, contact: 'Z' }, { contact: 'Y', phone: '3' })).toEqual([{ field: fields[1], was: 'X', theirs: 'Z', mine: 'Y' }])
})

test('both meant the same', () => {
  expect(clashes(fields, was, { ...was, contact: 'Y' }, { contact: 'Y' })).toEqual([])
})

test('an emptied field clashes with a new value', () => {
  expect(clashes(fields, was, { ...was, contact: 'Z' }, { contact: null })).toHaveLength(1)
})
