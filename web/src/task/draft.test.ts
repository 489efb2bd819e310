import { expect, test } from 'vitest'
import { isBlank } from './draft'

test('what was written and taken away again is no draft', () => {
  expect(isBlank({ comment: '', reason: '', fields: {} })).toBe(true)
  expect([{ comment: 'x', fields: {} }, { comment: '', reason: 'x', fields: {} }, { comment: '', fields: { need: null } }].map(isBlank)).toEqual([false, false, false])
})
