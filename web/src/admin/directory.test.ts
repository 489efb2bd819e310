import { expect, test } from 'vitest'
import type { Department, Group, Role } from '../api/types'
import { answersFor, bodyOfDepartment, bodyOfGroup, bodyOfRole, formOfDepartment, formOfGroup, formOfRole, placed } from './directory'

const finance: Role = { id: 'finance', name: '财务', users: ['liang.hong'], for: { south: ['fan.li'], north: ['song.jia'] }, texts: { name: { zh: '财务', en: 'Finance' } } }

const department = (id: string, parent: string | null, in_charge: string | null = null): Department => ({ id, parent, in_charge, head: null, name: id, texts: { name: { zh: id, en: id } } })
const sales = department('sales', 'management', 'zhou.min')
const company = [department('east', 'sales'), department('management', null, 'wang.jianguo'), department('it', 'management'), sales]
const byId = new Map(company.map((d) => [d.id, d]))

test('of a role that is there only what was changed is sent', () => {
  expect(bodyOfRole(formOfRole(finance), finance)).toEqual({})
  expect(bodyOfRole({ ...formOfRole(finance), users: [] }, finance)).toEqual({ users: [] })
  expect(bodyOfRole({ ...formOfRole(finance), for: [] }, finance)).toEqual({ for: {} })
})

test('two lines for one value are one, and a line without a word is none', () => {
  const lines = [{ value: 'north', people: ['song.jia'] }, { value: ' north ', people: ['li.na'] }, {}, { value: '', people: [] }]
  expect(bodyOfRole({ id: 'x', name_zh: '新的', for: lines })).toEqual({ id: 'x', name: '新的', for: { north: ['song.jia', 'li.na'] } })
})

test('of a group that is there only what was changed is sent', () => {
  const board: Group = { id: 'board', name: '董事会', members: ['wang.jianguo', 'zhou.min'], texts: { name: { zh: '董事会', en: 'Board' } } }
  expect(bodyOfGroup(formOfGroup(board), board)).toEqual({})
  expect(bodyOfGroup({ ...formOfGroup(board), members: ['zhou.min', 'wang.jianguo'] }, board)).toEqual({})
  expect(bodyOfGroup({ ...formOfGroup(board), members: undefined }, board)).toEqual({ members: [] })
  expect(bodyOfGroup({ id: 'x', name_zh: '新的', members: ['li.na'] })).toEqual({ id: 'x', name: '新的', members: ['li.na'] })
})

test('what is emptied of a department is sent as empty', () => {
  expect(bodyOfDepartment(formOfDepartment(sales), sales)).toEqual({})
  expect(bodyOfDepartment({ ...formOfDepartment(sales), in_charge: undefined, head: 'chen.jie' }, sales)).toEqual({ in_charge: '', head: 'chen.jie' })
  expect(bodyOfDepartment({ id: 'new', name_en: 'New', parent: 'sales' })).toEqual({ id: 'new', name: 'New', parent: 'sales' })
})

test('departments stand below each other, and a circle keeps none of them back', () => {
  const lines = (all: Department[]) => placed(all).map(({ department, depth }) => `${depth} ${department.id}`)
  expect(lines(company)).toEqual(['0 management', '1 it', '1 sales', '2 east'])
  expect(lines([department('a', 'b'), department('b', 'a'), department('c', 'gone')])).toEqual(['0 c', '0 a', '1 b'])
})

test('who is in charge of a department is its own executive, or the next one above who is still here', () => {
  const who = (id: string, left: string[] = []) => {
    const at = byId.get(id)
    const found = at && answersFor(at, byId, (person) => left.includes(person))
    return found && `${found.who} by ${found.by.id}`
  }
  expect([who('sales'), who('east'), who('it')]).toEqual(['zhou.min by sales', 'zhou.min by sales', 'wang.jianguo by management'])
  expect(who('east', ['zhou.min'])).toBe('wang.jianguo by management')
  expect(who('east', ['zhou.min', 'wang.jianguo'])).toBeNull()
  const circle = new Map([['a', department('a', 'b')], ['b', department('b', 'a')]])
  expect(answersFor(department('a', 'b'), circle, () => false)).toBeNull()
})
