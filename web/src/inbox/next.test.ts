import { expect, test } from 'vitest'
import { following } from './next'

const order = ['a', 'b', 'c', 'd']

test('the next one below follows, as long as it is still there', () => {
  expect(following(order, ['a', 'c', 'd'], 'b')).toBe('c')
  expect(following(order, ['a', 'd'], 'b')).toBe('d')
})

test('after the last one comes what was left above, or what is new', () => {
  expect(following(order, ['a', 'b', 'c'], 'd')).toBe('a')
  expect(following(order, ['new'], 'd')).toBe('new')
})

test('after the last of all comes nothing, nor the same one again', () => {
  expect(following(order, [], 'b')).toBeUndefined()
  expect(following(order, ['b'], 'b')).toBeUndefined()
})

test('a task that wasn’t in the list is followed by its first', () => {
  expect(following(order, order, 'x')).toBe('a')
})
