import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, data, every, newKey } from '../api/client'
import { problemOf } from '../api/problem'
import type { Handover, User } from '../api/types'

/** How often a handover that is under way is read again, in milliseconds. */
const watch = 2000

/** The company's people whose name or id holds a text, page by page. */
export function usePeopleList(q: string) {
  return useInfiniteQuery({
    queryKey: ['people', 'list', q],
    queryFn: ({ pageParam }) => data(api.GET('/api/v1/users', { params: { query: { ...(q && { q }), ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  })
}

/** One person; null: there is none. */
export function useOne(id: string) {
  return useQuery({
    queryKey: ['people', 'one', id],
    queryFn: async (): Promise<User | null> => (await data(api.GET('/api/v1/users', { params: { query: { id: [id] } } }))).items[0] ?? null,
  })
}

/** All roles and who holds them. */
export function useRoleList() {
  return useQuery({
    queryKey: ['roles'],
    queryFn: () => every((cursor) => data(api.GET('/api/v1/roles', { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
    staleTime: 10 * 60_000,
  })
}

/** What every role is called, by its id. */
export function useRoles(): Map<string, string> {
  const { data: all } = useRoleList()
  return new Map((all ?? []).map((r) => [r.id, r.name]))
}

/** All groups and who is in them. */
export function useGroupList() {
  return useQuery({
    queryKey: ['groups'],
    queryFn: () => every((cursor) => data(api.GET('/api/v1/groups', { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
    staleTime: 10 * 60_000,
  })
}

/** What every group is called, by its id. */
export function useGroups(): Map<string, string> {
  const { data: all } = useGroupList()
  return new Map((all ?? []).map((g) => [g.id, g.name]))
}

/** The newest handover of somebody, read again while it is under way; null: there is none. */
export function useHandover(id: string, asked: boolean) {
  return useQuery({
    queryKey: ['handover', id],
    queryFn: async (): Promise<Handover | null> => {
      try {
        return await data(api.GET('/api/v1/users/{id}/handover', { params: { path: { id } } }))
      } catch (thrown) {
        if (problemOf(thrown).code === 'not_found') return null
        throw thrown
      }
    },
    enabled: asked,
    refetchInterval: (query) => (query.state.data?.status === 'running' ? watch : false),
  })
}

/** Who takes over: everything, and parts of it instead. */
export interface Successors {
  to: string
  instead: { [what: string]: string }
}

/** What a handover would hand over; nothing is changed by it. */
export function useHandoverPreview(id: string, { to, instead }: Partial<Successors>) {
  return useQuery({
    queryKey: ['handover', id, 'preview', to, instead],
    queryFn: () => data(api.POST('/api/v1/users/{id}/handover', { params: { path: { id }, query: { preview: true }, header: { 'Idempotency-Key': newKey() } }, body: { to: to ?? '', instead } })),
    enabled: Boolean(to),
    placeholderData: (before) => before,
  })
}
