import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { company as companyEN } from './company.en'
import { company as companyZH } from './company.zh'
import { en as firstEN } from './en'
import { one } from './one.en'
import { zh as firstZH } from './zh'

const zh = { ...firstZH, ...companyZH }
const en = { ...firstEN, ...companyEN }

type Tree = { [key: string]: string | Tree }

/** Every key of a language, as t() is given it. */
function keys(of: Tree, before = ''): string[] {
  return Object.entries(of).flatMap(([name, value]) => (typeof value === 'string' ? [before + name] : keys(value, before + name + '.')))
}

function text(of: Tree, key: string): string {
  return key.split('.').reduce<Tree | string>((at, name) => (typeof at === 'string' ? at : (at[name] ?? '')), of) as string
}

const source = readdirSync('src', { recursive: true })
  .map(String)
  .filter((name) => /\.tsx?$/.test(name) && !/i18n\/|schema\.d\.ts|\.test\.ts/.test(name))
  .map((name) => readFileSync(join('src', name), 'utf8'))
  .join('\n')

test('both languages have the same keys', () => {
  expect(keys(en)).toEqual(keys(zh))
})

test('both languages name the same values', () => {
  const places = (of: string) => [...of.matchAll(/{{(\w+)}}/g)].map((m) => m[1]).sort()
  for (const key of keys(zh)) expect(places(text(en, key)), key).toEqual(places(text(zh, key)))
})

test('every key is used', () => {
  const whole = new Set([...source.matchAll(/['"`]([a-z]+(?:\.[\w-]+)+)['"`]/g)].map((m) => m[1]))
  const begun = [...source.matchAll(/`([a-z]+\.(?:[\w-]+\.)*)\${/g)].map((m) => m[1] ?? '')
  const worded = [...source.matchAll(/wordOf\('(\w+)'/g)].map((m) => m[1] + '.')
  const unused = keys(zh).filter((key) => !whole.has(key) && ![...begun, ...worded].some((start) => key.startsWith(start)))
  expect(unused).toEqual([])
})

test('a single one is said otherwise only where English counts', () => {
  for (const key of keys(one)) expect(text(en, key.replace(/_one$/, '')), key).toContain('{{count}}')
})
