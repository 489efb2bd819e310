import { afterAll, expect, test } from 'vitest'
import { Problem } from './problem'
import { isAway, onReach, queries } from './queries'

let told = 0
const stop = onReach(() => told++)
afterAll(stop)

const read = (answer: () => unknown) => queries.fetchQuery({ queryKey: ['x'], queryFn: answer, retry: false, staleTime: 0 }).catch(() => undefined)
const refused = (said: ConstructorParameters<typeof Problem>[0]) => () => {
  throw new Problem(said)
}

test('a server that doesn’t answer is away until it answers', async () => {
  await read(refused({ code: 'lost' }))
  await read(refused({ code: 'unavailable', status: 503 }))
  expect([isAway(), told]).toEqual([true, 1])
  await read(() => 'here')
  expect([isAway(), told]).toEqual([false, 2])
})

test('a refusal is an answer', async () => {
  await read(refused({ code: 'lost' }))
  await read(refused({ code: 'forbidden', status: 403 }))
  expect(isAway()).toBe(false)
})
