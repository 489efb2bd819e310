import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventWords } from '../i18n'
import { events } from './webhooks'

test('a webhook can be asked for everything that a timeline can hold, and each has its word', () => {
  const source = readFileSync('../engine/webhooks.go', 'utf8')
  const listed = /TimelineEvents = \[\]string{([^}]*)}/.exec(source)?.[1] ?? ''
  const all = [...listed.matchAll(/\w+/g)].map(([name]) => name.toLowerCase()) // Commented and Urged are constants, called as they are written
  expect(all.length).toBeGreaterThan(30)
  expect([...events].sort()).toEqual(all.sort())
  expect(Object.values(eventWords).every(Boolean)).toBe(true)
})
