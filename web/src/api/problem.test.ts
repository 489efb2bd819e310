import { expect, test } from 'vitest'
import { Problem, problemIn, problemOf } from './problem'

const answer = (status: number, headers = {}) => new Response(null, { status, headers })

test('a refusal is a value with the server’s words, and errors at their fields', () => {
  const p = problemIn(answer(422), { code: 'field_required', title: 'Missing', detail: 'Please check', errors: [{ field: 'need', message: 'is required' }] })
  expect([p.code, p.status, p.text, p.unknown]).toEqual(['field_required', 422, 'Please check', false])
  expect(p.of('need')).toBe('is required')
  expect(p.of('products')).toBeUndefined()
})

test('who decided a closed task is part of the refusal', () => {
  const p = problemIn(answer(409), { code: 'task_closed', decided_by: 'li.na', decided_at: '2026-11-23T10:00:00+08:00', outcome: 'approved' })
  expect(p.decided).toEqual({ by: 'li.na', at: '2026-11-23T10:00:00+08:00', outcome: 'approved' })
})

test('what got no answer, or a failure for one, may have had its effect', () => {
  expect(problemOf(new TypeError('failed to fetch'))).toMatchObject({ code: 'lost', unknown: true })
  expect(problemIn(answer(503, { 'Retry-After': '2' }), undefined)).toMatchObject({ code: 'unavailable', retryAfter: 2, unknown: true })
  expect(problemIn(answer(502), '<html>')).toMatchObject({ code: 'unavailable', unknown: true })
  expect(new Problem({ code: 'comment_required', status: 422 }).unknown).toBe(false)
})
