import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, data } from '../api/client'
import type { Record_, RecordType } from '../api/types'
import { isEmpty, type Field } from '../components/form'

/** The types of records that the reader may see or make. */
export function useTypes() {
  return useQuery({ queryKey: ['record-types'], queryFn: () => data(api.GET('/api/v1/record-types')).then(({ items }) => items), staleTime: 5 * 60_000 })
}

/** One type; undefined data while it isn't known. */
export function useType(type: string) {
  const { data: all, ...rest } = useTypes()
  return { ...rest, data: all?.find((one) => one.type === type) }
}

/** A record. */
export function useRecord(type: string, id: string) {
  return useQuery({ queryKey: ['record', type, id], queryFn: () => data(api.GET('/api/v1/records/{type}/{id}', { params: { path: { type, id } } })) })
}

/** What narrows a list of records: a word, and values of fields. */
export interface Filter {
  q: string
  fields: { [field: string]: string }
}

/** The records of a type, newest first, page by page. */
export function useRecords(type: string, { q, fields }: Filter) {
  return useInfiniteQuery({
    queryKey: ['records', type, q, fields],
    queryFn: ({ pageParam }) => {
      const query = { ...fields, ...(q && { q }), ...(pageParam && { cursor: pageParam }) }
      return data(api.GET('/api/v1/records/{type}', { params: { path: { type }, query } }))
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: Boolean(type),
  })
}

/** The fields of a type with a record's values. Without the type they are called by their names. */
export function fieldsOf(type: RecordType | undefined, record: Pick<Record_, 'fields'>): Field[] {
  const values = record.fields as { [field: string]: unknown }
  if (type) return type.fields.map((field) => ({ ...field, value: values[field.field] }))
  return Object.entries(values).map(([field, value]) => ({ field, title: field, type: typeof value === 'object' ? 'reference' : 'text', value }))
}

/** Types of fields whose values fit into a row. */
const short = ['reference', 'choice', 'money', 'number', 'percent', 'date', 'phone', 'person', 'department', 'text']

/** The fields that a row shows: the first that are short, without the one that the record is called by. */
export function columnsOf(type: RecordType, most: number): Field[] {
  const called = type.fields.find((f) => f.type === 'text' && f.required && !f.long)
  const fit = type.fields.filter((f) => f !== called && short.includes(f.type) && !f.long && !f.many)
  const rank = (f: Field) => (f.field === 'status' ? 0 : f.type === 'reference' ? 1 : f.type === 'money' ? 2 : f.type === 'person' ? 3 : f.type === 'text' ? 5 : 4)
  const chosen = [...fit].sort((a, b) => rank(a) - rank(b)).slice(0, most)
  return fit.filter((f) => chosen.includes(f))
}

/** What a list can be narrowed by: fields with choices. */
export function choicesIn(type: RecordType): Field[] {
  return type.fields.filter((f) => f.type === 'choice' && !isEmpty(f.of))
}
