import { expect, test } from 'vitest'
import { digitsOf, isEmpty, same, sayMoney, typedAmount } from './field'
import { changesOf, valuesOf } from './values'
import { accepts } from './upload'

test('money is kept in minor units of its currency', () => {
  expect([digitsOf('CNY'), digitsOf('JPY'), digitsOf('nonsense')]).toEqual([2, 0, 2])
  expect(sayMoney({ amount: 120_000, currency: 'CNY' })).toMatch(/1,200$/)
  expect(sayMoney({ amount: 120_050, currency: 'CNY' })).toMatch(/1,200\.50$/)
  expect(sayMoney({ amount: 1200, currency: 'JPY' })).toMatch(/1,200$/)
})

test('money of several currencies is told apart', () => {
  const said = ['CNY', 'JPY', 'USD', 'HKD'].map((currency) => sayMoney({ amount: 100_000, currency }).replace(/[\d,.]/g, ''))
  expect(new Set(said).size).toBe(4)
  expect(said[0]).toBe('¥')
})

test('an amount is typed as people write it', () => {
  expect(['1200', '1,200.50', '¥ 1,200', '１２００', '１，２００。５', '50万', '1.2亿', '80 万元', 'RMB 300', '-5'].map(typedAmount)).toEqual([1200, 1200.5, 1200, 1200, 1200.5, 500_000, 120_000_000, 800_000, 300, -5])
  expect(['', ' ', '¥'].map(typedAmount)).toEqual(['', '', '']) // emptied, which isn't nought
  expect(['-', '.', '万', '5k', 'USD 5', '1.2.3', '5万3'].map(typedAmount)).toEqual([NaN, NaN, NaN, NaN, NaN, NaN, NaN])
})

test('only what was changed is sent, and null empties a field', () => {
  const fields = [
    { field: 'need', title: '', type: 'text', value: 'pumps' },
    { field: 'products', title: '', type: 'text', value: null },
    { field: 'amount', title: '', type: 'money', value: { amount: 1, currency: 'CNY' } },
  ]
  expect(valuesOf(fields)).toEqual({ need: 'pumps', amount: { amount: 1, currency: 'CNY' } })
  expect(changesOf(fields, { need: 'pumps', amount: { amount: 1, currency: 'CNY' } })).toEqual({})
  expect(changesOf(fields, { need: undefined, products: 'P-100', amount: { amount: 2, currency: 'CNY' } })).toEqual({ need: null, products: 'P-100', amount: { amount: 2, currency: 'CNY' } })
})

test('nothing, an empty text and an empty list say the same', () => {
  expect([undefined, null, '', []].map(isEmpty)).toEqual([true, true, true, true])
  expect([0, false, 'x', [0]].map(isEmpty)).toEqual([false, false, false, false])
  expect(same(undefined, '')).toBe(true)
})

test('a field takes the sorts of files that it names', () => {
  expect(accepts(undefined, 'a.exe')).toBe(true)
  expect(accepts(['image', '.dwg'], 'A.JPG')).toBe(true)
  expect(accepts(['image', 'dwg'], 'plan.dwg')).toBe(true)
  expect(accepts(['image'], 'a.pdf')).toBe(false)
})
