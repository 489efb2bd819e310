import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'
import type { RecordType, Reference, Similar } from '../api/types'
import { useRested } from '../app/rested'
import { isEmpty, type Values } from '../components/form'

/** What a case would be started with: a record that is there, or the fields of a new one. */
export interface About {
  process: string
  record?: { type: string; id: string }
  with?: Values
  /** Whom the starter picks for a later step. */
  picks?: string[]
}

/** How long the fingers rest before the server is asked, in milliseconds. */
const rest = 500

/** Who would be asked, with what is filled in by now. Asked again as it changes; the last answer stays until the next one is there. */
export function useAsked(about: About, ready: boolean) {
  const text = useRested(ready ? JSON.stringify(about) : '', rest) // readiness rests, too: what was there before it isn't enough to ask with
  return useQuery({
    queryKey: ['asked', text],
    queryFn: () => data(api.POST('/api/v1/cases/preview', { body: JSON.parse(text) as About })),
    enabled: ready && text !== '',
    placeholderData: keepPreviousData,
    retry: false,
  })
}

/** What a filter of the API takes for a value: a text, or the id of what a reference points at. */
function sought(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'object' && value !== null && 'id' in value ? (value as Reference).id : ''
}

/** Records that are there already and much like the one that is being filled in, by the fields that its type compares. */
export function useSimilar(type: RecordType | undefined, values: Values) {
  const compared = (type?.fields ?? []).filter((f) => f.compared && !isEmpty(values[f.field]) && sought(values[f.field]).length > 1)
  const text = useRested(JSON.stringify(Object.fromEntries(compared.map((f) => [f.field, sought(values[f.field])]))), rest)
  return useQuery({
    queryKey: ['similar', type?.type, text],
    queryFn: async (): Promise<Similar[]> => {
      const query = JSON.parse(text) as { [field: string]: string }
      const { items } = await data(api.GET('/api/v1/records/{type}/similar', { params: { path: { type: type?.type ?? '' }, query } }))
      return items
    },
    enabled: type !== undefined && text !== '{}',
    placeholderData: keepPreviousData,
    retry: false,
  })
}
