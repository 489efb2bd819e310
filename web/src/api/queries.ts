import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { lost, problemOf } from './problem'

/** How often something that nobody knows the outcome of is sent again by itself. */
const tries = 3

function again(failures: number, thrown: Error): boolean {
  return problemOf(thrown).unknown && failures < tries
}

function pause(failures: number, thrown: Error): number {
  return problemOf(thrown).retryAfter * 1000 || Math.min(500 * 2 ** failures, 8000)
}

/** Codes and states of a server that isn't there. */
const gone = (thrown: Error) => problemOf(thrown).code === lost || [502, 503, 504].includes(problemOf(thrown).status)

function heard(thrown: Error): void {
  if (problemOf(thrown).code === 'unauthenticated') queries.setQueryData(['session'], null)
}

let away = false
const waits = new Set<() => void>()

function setAway(to: boolean): void {
  if (away === to) return
  away = to
  waits.forEach((tell) => tell())
}

/** Hears when the server can't be reached any more, or again; gives how to stop hearing. */
export function onReach(tell: () => void): () => void {
  waits.add(tell)
  return () => waits.delete(tell)
}

/** Whether the last thing that was read got no answer, whatever the browser believes of its network: what stands on the page may be old. */
export function isAway(): boolean {
  return away
}

/** What the page has read. A 401 anywhere is the end of the session, and the sign-in page opens by itself. */
export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (thrown) => {
      setAway(gone(thrown))
      heard(thrown)
    },
    onSuccess: () => setAway(false),
  }),
  mutationCache: new MutationCache({ onError: heard }),
  defaultOptions: {
    queries: { retry: again, retryDelay: pause, staleTime: 10_000, gcTime: 10 * 60_000 },
    mutations: { retry: again, retryDelay: pause },
  },
})
