import { useQuery } from '@tanstack/react-query'
import { api, data } from './client'
import { problemOf } from './problem'
import { queries } from './queries'
import type { Session } from './types'

/** Whether the browser came with a session, as the server wrote into the document: a stranger needn't be asked who they are. */
const known = document.documentElement.dataset.visitor !== 'stranger'

/** Who is signed in; null: nobody. */
export function useSession() {
  return useQuery({
    enabled: (query) => known || Boolean(query.state.data),
    queryKey: ['session'],
    queryFn: async (): Promise<Session | null> => {
      try {
        return await data(api.GET('/api/v1/session'))
      } catch (thrown) {
        if (problemOf(thrown).code === 'unauthenticated') return null
        throw thrown
      }
    },
    staleTime: 5 * 60_000,
    ...(!known && { initialData: null }),
  })
}

/** Who is signed in, on pages that nobody else sees. */
export function useMe(): Session {
  const { data: session } = useSession()
  if (!session) throw new Error('nobody is signed in')
  return session
}

/** Whether the reader is an administrator: what only they may do isn't offered to others. The server decides. */
export function useAdmin(): boolean {
  return useMe().roles.includes('administrator')
}

/** Whether the reader connects other systems, or is an administrator; the server decides here, too. */
export function useIntegrator(): boolean {
  return useMe().roles.some((role) => role === 'integrator' || role === 'administrator')
}

/** Ends the session. What was read is forgotten. */
export async function signOut(): Promise<void> {
  await data(api.DELETE('/api/v1/session'))
  queries.clear()
  queries.setQueryData(['session'], null)
}
