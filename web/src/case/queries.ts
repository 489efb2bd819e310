import { useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'
import type { Entry } from '../api/types'
import { poll, useLive } from '../app/live'

/** Most pages of a timeline that are read: 4,000 entries. */
const pages = 20

/** A case. News of it comes over the stream; without one it is read again every now and then. */
export function useCase(id: string) {
  const live = useLive()
  return useQuery({
    queryKey: ['case', id],
    queryFn: () => data(api.GET('/api/v1/cases/{id}', { params: { path: { id } } })),
    refetchInterval: live ? false : poll,
  })
}

/** Everything that happened to a case, in order. */
export function useTimeline(id: string, seen: boolean) {
  const live = useLive()
  return useQuery({
    queryKey: ['case', id, 'whole'],
    queryFn: async () => {
      const all: Entry[] = []
      let cursor: string | undefined
      for (let page = 0; page < pages; page++) {
        const { items, next } = await data(api.GET('/api/v1/cases/{id}/timeline', { params: { path: { id }, query: { limit: 200, cursor } } }))
        all.push(...items)
        if (!next) break
        cursor = next
      }
      return all
    },
    enabled: seen,
    refetchInterval: live ? false : poll,
  })
}

/** Who will be asked next, and why. Nothing can be said of a case that has ended. */
export function usePreview(id: string, runs: boolean) {
  return useQuery({
    queryKey: ['case', id, 'preview'],
    queryFn: () => data(api.GET('/api/v1/cases/{id}/preview', { params: { path: { id } } })),
    enabled: runs,
    retry: false,
  })
}
