import { expect, test } from 'vitest'
import { compare } from './Earlier'

const quote = (number: string, ...products: string[]) => ({ id: number, number, at: '2026-09-01T09:00:00+08:00', lines: products.map((product) => ({ product, quantity: 1 })) })

test('a product stands beside the newest quote that had it', () => {
  const quotes = [quote('Q2', 'CQB 50'), quote('Q1', 'CQB 50', 'IHF 80')]
  const found = compare([{ product: 'CQB 50' }, { product: 'IHF 80' }, { product: 'GMB 12' }, {}], quotes)
  expect(found.map((c) => c.before?.quote.number)).toEqual(['Q2', 'Q1', undefined, undefined])
})
