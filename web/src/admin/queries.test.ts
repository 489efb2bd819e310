import { expect, test } from 'vitest'
import { Problem } from '../api/problem'
import type { Case, Migration } from '../api/types'
import { each } from './queries'

const cases = ['a', 'b', 'c'].map((id) => ({ id }) as Case)
const went = { verdict: 'safe' } as Migration

test('what is refused hinders no other', async () => {
  const heard: string[] = []
  await each(
    cases,
    (kase) => (kase.id === 'b' ? Promise.reject(new Problem({ code: 'case_ended', status: 409 })) : Promise.resolve(went)),
    (r) => heard.push(r.case.id + (r.refused ? ' refused' : ' went')),
  )
  expect(heard).toEqual(['a went', 'b refused', 'c went'])
})

test('while the server is away the rest isn’t tried', async () => {
  const heard: string[] = []
  await each(cases, () => Promise.reject(new Problem({ code: 'lost' })), (r) => heard.push(r.case.id))
  expect(heard).toEqual(['a'])
})
