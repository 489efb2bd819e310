import { useQueries, useQuery } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, data, every } from './client'
import { queries } from './queries'
import type { Department, User } from './types'

interface Waits {
  tell: (user: User | null) => void
  fail: (thrown: unknown) => void
}

const waiting = new Map<string, Waits[]>()

/** Most ids that are asked for at once. */
const atOnce = 200

/** Asks for everybody whose name was wanted in this turn with one call. */
async function ask(): Promise<void> {
  const ids = [...waiting.keys()].slice(0, atOnce)
  const asked = ids.map((id) => [id, waiting.get(id) ?? []] as const)
  ids.forEach((id) => waiting.delete(id))
  if (waiting.size) queueMicrotask(() => void ask())
  try {
    const found = new Map((await byId(ids)).map((user) => [user.id, user]))
    for (const [id, all] of asked) for (const { tell } of all) tell(found.get(id) ?? null)
  } catch (thrown) {
    for (const [, all] of asked) for (const { fail } of all) fail(thrown) // shown as the id until it can be read
  }
}

async function byId(ids: string[]): Promise<User[]> {
  return (await data(api.GET('/api/v1/users', { params: { query: { id: ids } } }))).items
}

/** Somebody without an account: their id holds their name, and no account answers to it. */
export function outsider(id: string): User | null {
  const name = id.startsWith('outside:') ? id.slice('outside:'.length) : ''
  return name ? ({ id, name: i18next.t('case.outside', { name }) } as User) : null
}

function read(id: string): Promise<User | null> {
  const outside = outsider(id)
  if (outside) return Promise.resolve(outside)
  if (!waiting.size) setTimeout(() => void ask())
  return new Promise((tell, fail) => waiting.set(id, [...(waiting.get(id) ?? []), { tell, fail }]))
}

/** How somebody is read: with everybody else whose name is wanted in this turn, and kept for a while. */
export const one = (id: string) => ({ queryKey: ['user', id], queryFn: () => read(id), staleTime: 10 * 60_000 })

/** The people with these ids, as far as they are known by now. */
export function usePeople(ids: string[]): Map<string, User> {
  const found = useQueries({ queries: [...new Set(ids)].filter(Boolean).map(one) })
  return new Map(found.flatMap(({ data: user }) => (user ? [[user.id, user] as const] : [])))
}

/** One person; undefined while nothing is known. */
export function usePerson(id: string | null | undefined): User | undefined {
  return useQuery({ ...one(id ?? ''), enabled: Boolean(id) }).data ?? undefined
}

/** People whose name or id holds a text. */
export async function findPeople(q: string): Promise<User[]> {
  const { items } = await data(api.GET('/api/v1/users', { params: { query: { q, limit: 20 } } }))
  for (const user of items) queries.setQueryData(['user', user.id], user)
  return items
}

/** All departments, as they are listed. */
export function useDepartmentList() {
  return useQuery({
    queryKey: ['departments'],
    queryFn: () => every((cursor) => data(api.GET('/api/v1/departments', { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
    staleTime: 10 * 60_000,
  })
}

/** All departments, by id. */
export function useDepartments(): Map<string, Department> {
  const { data: all } = useDepartmentList()
  return new Map((all ?? []).map((d) => [d.id, d]))
}
