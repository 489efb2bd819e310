import { QueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { expect, test, vi } from 'vitest'
import { en } from '../i18n/en'
import { zh } from '../i18n/zh'
import { one, outsider } from './people'
import { Problem } from './problem'

const asked: string[][] = []
let away = false
vi.mock('./client', () => ({
  api: { GET: (_: string, { params }: { params: { query: { id: string[] } } }) => params.query.id },
  data: (ids: string[]) => {
    asked.push(ids)
    return away ? Promise.reject(new Problem({ code: 'lost' })) : Promise.resolve({ items: ids.filter((id) => id !== 'nobody').map((id) => ({ id, name: id.toUpperCase() })) })
  },
}))

const queries = new QueryClient()
const name = (id: string) => queries.fetchQuery({ ...one(id), retry: false }).then((user) => user?.name ?? null)

test('everybody whose name is wanted at once is asked for with one call', async () => {
  expect(await Promise.all(['a', 'b', 'nobody'].map(name))).toEqual(['A', 'B', null])
  expect(asked.splice(0)).toEqual([['a', 'b', 'nobody']])
})

test('a name that couldn’t be read isn’t kept as nobody’s: it is asked for again', async () => {
  away = true
  await expect(name('c')).rejects.toThrow('lost')
  away = false
  expect(await name('c')).toBe('C')
})

test('who has no account is called by the name in their id, and is nobody else', async () => {
  await i18next.init({ lng: 'en', resources: { en: { translation: en }, zh: { translation: zh } } })
  expect(outsider('outside:王强')?.name).toBe('王强 (outside)')
  await i18next.changeLanguage('zh')
  expect(outsider('outside:王强')?.name).toBe('王强（外部）')
  for (const id of ['li.na', 'outside', 'outside:', 'outsider:x', '']) expect(outsider(id)).toBeNull()
})
