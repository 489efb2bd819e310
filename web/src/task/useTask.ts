import { useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'

/** A task whole, with its form. */
export function useTask(id: string) {
  return useQuery({ queryKey: ['task', id], queryFn: () => data(api.GET('/api/v1/tasks/{id}', { params: { path: { id } } })), enabled: Boolean(id) })
}
