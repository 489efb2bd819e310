import { useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'

/** What the reader may start, each with the form that starts it. */
export function useProcesses() {
  return useQuery({
    queryKey: ['processes'],
    queryFn: () => data(api.GET('/api/v1/processes')).then(({ items }) => items),
    staleTime: 60_000,
  })
}
