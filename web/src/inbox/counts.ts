import { useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'
import { poll, useLive } from '../app/live'

/** How much every box holds. */
export function useCounts() {
  const live = useLive()
  return useQuery({
    queryKey: ['counts'],
    queryFn: async () => (await data(api.GET('/api/v1/tasks/counts'))).boxes,
    refetchInterval: live ? false : poll,
  })
}
