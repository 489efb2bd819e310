import { expect, test } from 'vitest'
import type { User } from '../api/types'
import { heldRole, isHalf } from './held'
import { bodyOf, formOf } from './person'

const li: User = {
  id: 'li.na', user: 'li.na', name: 'Li Na', title: 'Sales', department: 'sales', manager: 'chen.jie', roles: ['sales'], position: null, email: 'li@example.com', language: 'zh', active: true,
  texts: { name: { zh: '李娜', en: 'Li Na' }, title: { zh: '销售', en: 'Sales' } },
}

test('of somebody who is there only what was changed is sent', () => {
  expect(bodyOf(formOf(li), li)).toEqual({})
  expect(bodyOf({ ...formOf(li), name_en: 'Li Na Wang' }, li)).toEqual({ name: { zh: '李娜', en: 'Li Na Wang' } })
  expect(bodyOf({ ...formOf(li), roles: ['finance', 'sales'] }, li)).toEqual({ roles: ['finance', 'sales'] })
})

test('what is emptied is sent as empty', () => {
  expect(bodyOf({ ...formOf(li), manager: undefined, email: '', roles: undefined }, li)).toEqual({ manager: '', email: '', roles: [] })
})

test('a new person has what was filled in; a name in one language stands for both', () => {
  expect(bodyOf({ ...formOf(undefined), user: ' qi.yan ', name_zh: '齐燕', department: 'sales' })).toEqual({ user: 'qi.yan', name: '齐燕', title: '', department: 'sales', roles: [], language: 'zh' })
})

test('a role for one value is taken apart for the form, and put together again', () => {
  const song = { ...li, roles: ['sales', 'finance@north', 'finance@a@b'] }
  expect(formOf(song)).toMatchObject({ roles: ['sales'], scoped: [{ role: 'finance', value: 'north' }, { role: 'finance', value: 'a@b' }] })
  expect(bodyOf(formOf(song), song)).toEqual({})
  expect(bodyOf({ ...formOf(song), scoped: [{ role: 'finance', value: ' south ' }, {}] }, song)).toEqual({ roles: ['sales', 'finance@south'] })
})

test('a line that says half of it is noticed, one without a word isn’t', () => {
  const half = (line: object) => isHalf([line], ['role', 'value'])
  expect([{}, { role: 'finance', value: 'north' }, { role: 'finance', value: '北'.repeat(100) }].map(half)).toEqual([false, false, false])
  expect([{ role: 'finance' }, { value: 'north' }, { role: 'finance', value: ' ' }, { role: 'finance', value: '北'.repeat(101) }].map(half)).toEqual([true, true, true, true])
})

test('a role that is held for one value is called by both', () => {
  const roles = new Map([['finance', '财务']])
  expect(['finance', 'finance@north', 'sales', 'sales@a@b'].map((held) => heldRole(held, roles))).toEqual(['财务', '财务 · north', 'sales', 'sales · a@b'])
})
