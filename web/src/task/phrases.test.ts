import { expect, test } from 'vitest'
import { added, mostPhrases, withPhrase } from './phrases'

test('a phrase is put behind what is written', () => {
  expect(withPhrase('', 'Agreed.')).toBe('Agreed.')
  expect(withPhrase('With one doubt. ', 'Agreed.')).toBe('With one doubt.\nAgreed.')
})

test('what is kept stands first, each once, and not without end', () => {
  expect(added(['a', 'b'], ' b ')).toEqual(['b', 'a'])
  expect(added(['a'], '  ')).toEqual(['a'])
  const many = Array.from({ length: mostPhrases }, (_, i) => String(i))
  expect(added(many, 'new')).toEqual(['new', ...many.slice(0, -1)])
})
