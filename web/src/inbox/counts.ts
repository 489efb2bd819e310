import { useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'
import { problemOf } from '../api/problem'
import type { BoxCount } from '../api/types'
import { poll, useLive } from '../app/live'

/** How much every box holds; nothing where the server doesn't count. */
export function useCounts() {
  const live = useLive()
  return useQuery({
    queryKey: ['counts'],
    queryFn: async (): Promise<BoxCount[]> => {
      try {
        return (await data(api.GET('/api/v1/tasks/counts'))).boxes
      } catch (thrown) {
        if (problemOf(thrown).code === 'not_found') return []
        throw thrown
      }
    },
    refetchInterval: live ? false : poll,
  })
}
