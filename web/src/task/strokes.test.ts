import { expect, test } from 'vitest'
import { fit, lengthOf } from './strokes'

test('a tap has no length, a line has', () => {
  expect(lengthOf([{ x: 3, y: 4 }])).toBe(0)
  expect(lengthOf([{ x: 0, y: 0 }, { x: 3, y: 4 }, { x: 3, y: 10 }])).toBe(11)
})

test('a picture stands in the middle, whole and never larger than it is', () => {
  expect(fit(1800, 300, { width: 900, height: 300 })).toEqual({ x: 0, y: 75, width: 900, height: 150 })
  expect(fit(90, 30, { width: 900, height: 300 })).toEqual({ x: 405, y: 135, width: 90, height: 30 })
})
