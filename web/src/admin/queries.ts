import { useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'
import { problemOf } from '../api/problem'
import type { Case, Migration } from '../api/types'

/** Most cases that are looked at and moved in one go. */
export const most = 100

/** Open cases that run by another version than new cases take; of one process, or of all. At most {@link most}, and whether there are more. */
export function useOlder(process: string, asked: boolean) {
  return useQuery({
    queryKey: ['cases', 'older', process],
    queryFn: () => data(api.GET('/api/v1/cases', { params: { query: { older: true, limit: most, ...(process && { process }) } } })).then(({ items, next }) => ({ items, more: Boolean(next) })),
    enabled: asked,
  })
}

/** The version of each process that new cases take. */
export function useVersions() {
  return useQuery({
    queryKey: ['definitions'],
    queryFn: () => data(api.GET('/api/v1/definitions', { params: { query: { limit: 200 } } })),
    staleTime: 5 * 60_000,
    select: ({ items }) => new Map(items.flatMap((d) => (d.kind === 'process' && d.current ? [[d.id, { title: d.title, version: d.version }] as const] : []))),
  })
}

/** What is asked of a migration. Without a version it is the one that new cases take. */
export interface Asked {
  to?: number
  map?: { [step: string]: string }
}

/** Says what would become of a case; nothing is changed. */
export function tryMigration(id: string, asked: Asked, key: string): Promise<Migration> {
  return data(api.POST('/api/v1/cases/{id}/migrate', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body: { ...asked, dry_run: true } }))
}

/** Takes a case to another version. */
export function migrate(id: string, asked: Asked & { reason: string }, key: string): Promise<Migration> {
  return data(api.POST('/api/v1/cases/{id}/migrate', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body: asked }))
}

/** What came of one case: a verdict, or why there is none. */
export interface Result {
  case: Case
  migration?: Migration
  refused?: unknown
}

/** Does the same with one case after the other; what is refused hinders no other. What nobody knows the outcome of stops the rest. */
export async function each(cases: Case[], act: (kase: Case) => Promise<Migration>, heard: (result: Result) => void): Promise<void> {
  for (const kase of cases) {
    try {
      heard({ case: kase, migration: await act(kase) })
    } catch (thrown) {
      heard({ case: kase, refused: thrown })
      if (problemOf(thrown).unknown) return
    }
  }
}
