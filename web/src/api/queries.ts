import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { problemOf } from './problem'

/** How often something that nobody knows the outcome of is sent again by itself. */
const tries = 3

function again(failures: number, thrown: Error): boolean {
  return problemOf(thrown).unknown && failures < tries
}

function pause(failures: number, thrown: Error): number {
  return problemOf(thrown).retryAfter * 1000 || Math.min(500 * 2 ** failures, 8000)
}

function heard(thrown: Error): void {
  if (problemOf(thrown).code === 'unauthenticated') queries.setQueryData(['session'], null)
}

/** What the page has read. A 401 anywhere is the end of the session, and the sign-in page opens by itself. */
export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: heard }),
  mutationCache: new MutationCache({ onError: heard }),
  defaultOptions: {
    queries: { retry: again, retryDelay: pause, staleTime: 10_000, gcTime: 10 * 60_000 },
    mutations: { retry: again, retryDelay: pause },
  },
})
