import { useInfiniteQuery, type InfiniteData } from '@tanstack/react-query'
import { api, data } from '../api/client'
import { queries } from '../api/queries'
import type { Box, Task } from '../api/types'
import { poll, useLive } from '../app/live'

/** What a list of tasks is narrowed to. */
export interface Filter {
  box: Box
  q: string
  process: string
  overdue: boolean
  /** What was opened last comes first; else what is due first. */
  newest: boolean
}

type Page = { items: Task[]; next: string | null }
type Pages = InfiniteData<Page, string | undefined>
type Listed = InfiniteData<unknown>

/** What of a list that was read is its first page. */
const firstPage = (read: Listed | undefined) => read && { pages: read.pages.slice(0, 1), pageParams: read.pageParams.slice(0, 1) }

/** How many are read at once. */
export const some = 50
/** With more pages than this, news doesn't read all of them again; it is offered instead. */
export const few = 2

/** What the lists of one's own cases are remembered by. */
export const mine = ['cases', 'mine'] as const
/** What a list of tasks is remembered by. */
export const keyOf = ({ box, q, process, overdue, newest }: Filter) => ['tasks', box, q, process, overdue, newest] as const

/** A box, page by page. While few pages are read, and nobody tells the news, it is read again by itself. */
export function useTasks({ box, q, process, overdue, newest }: Filter) {
  const live = useLive()
  return useInfiniteQuery({
    queryKey: keyOf({ box, q, process, overdue, newest }),
    queryFn: ({ pageParam }) =>
      data(
        api.GET('/api/v1/tasks', {
          params: {
            query: {
              box, limit: some, ...(pageParam && { cursor: pageParam }), ...(q && { q }), ...(process && { process }), ...(overdue && { overdue: 'true' as const }),
              ...(newest && { sort: 'newest' as const }),
            },
          },
        }),
      ) as Promise<Page>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: (query) => (!live && (query.state.data?.pages.length ?? 0) <= few ? poll : false),
  })
}

/** Takes tasks out of every list that was read: they have just been dealt with. */
export function forgetTasks(ids: string[]): void {
  queries.setQueriesData<Pages>({ queryKey: ['tasks'] }, (read) => read && { ...read, pages: read.pages.map((page) => ({ ...page, items: page.items.filter((t) => !ids.includes(t.id)) })) })
}

/** The open tasks of a list that was read, in its order; none when nothing is known of it any more. */
export function readTasks(key: readonly unknown[]): Task[] {
  return (queries.getQueryData<Pages>(key)?.pages ?? []).flatMap((page) => page.items).filter((t) => t.status === 'open')
}

/** Reads lists and counts again after something was done. Long lists only begin again. */
export function readAgain(): void {
  for (const queryKey of [['tasks'], mine]) {
    queries.setQueriesData<Listed>({ queryKey, type: 'inactive' }, firstPage)
    void queries.invalidateQueries({ queryKey, predicate: (q) => ((q.state.data as Listed | undefined)?.pages.length ?? 0) <= few })
  }
  void queries.invalidateQueries({ queryKey: ['counts'] })
}

/** Begins a box again from its first page. */
export async function beginAgain(key: readonly unknown[]): Promise<void> {
  queries.setQueryData<Listed>(key, firstPage)
  await queries.invalidateQueries({ queryKey: key })
}
