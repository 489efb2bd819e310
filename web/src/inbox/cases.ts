import { useInfiniteQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'
import type { Case } from '../api/types'
import { poll, useLive } from '../app/live'
import { few, mine, some } from './tasks'

/** What the list of one's own cases is narrowed to. */
export interface CaseFilter {
  q: string
  process: string
  state: '' | 'running' | 'over'
}

/** Where a page of them begins: among those that run, or those that have ended. */
interface Start {
  open: boolean
  cursor?: string
}

interface Page {
  items: Case[]
  after: Start | undefined
}

/** What the list is remembered by. */
export const keyOfCases = ({ q, process, state }: CaseFilter) => [...mine, q, process, state] as const

async function read({ q, process, state }: CaseFilter, { open, cursor }: Start): Promise<Page> {
  const query = { initiator: 'me', open: open ? ('true' as const) : ('false' as const), limit: some, ...(cursor && { cursor }), ...(q && { q }), ...(process && { process }) }
  const { items, next } = await data(api.GET('/api/v1/cases', { params: { query } }))
  if (next) return { items, after: { open, cursor: next } }
  if (!open || state === 'running') return { items, after: undefined }
  const over = await read({ q, process, state }, { open: false })
  return { items: [...items, ...over.items], after: over.after }
}

/** The cases that the reader has started, page by page: those that run, then those that have ended, each the newest first. */
export function useMyCases(filter: CaseFilter) {
  const live = useLive()
  return useInfiniteQuery({
    queryKey: keyOfCases(filter),
    queryFn: ({ pageParam }) => read(filter, pageParam),
    initialPageParam: { open: filter.state !== 'over' } as Start,
    getNextPageParam: (last) => last.after,
    refetchInterval: (query) => (!live && (query.state.data?.pages.length ?? 0) <= few ? poll : false),
  })
}
