import { useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'

/** What every published process is called, by its id. */
export function useProcessTitles(): Map<string, string> {
  const { data: all } = useQuery({
    queryKey: ['definitions'],
    queryFn: () => data(api.GET('/api/v1/definitions', { params: { query: { limit: 200 } } })),
    staleTime: 5 * 60_000,
    select: ({ items }) => items.filter((d) => d.kind === 'process' && d.current),
  })
  return new Map((all ?? []).map((d) => [d.id, d.title]))
}
