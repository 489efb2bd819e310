import type { components, paths } from './schema'

type Json<T> = { headers: Record<string, unknown>; content: { 'application/json': T } }
type Refused = { default: { headers: Record<string, unknown>; content: { 'application/problem+json': components['schemas']['Problem'] } } }
type None = { query?: never; header?: never; path?: never; cookie?: never }
type Keyed = { header?: { 'Idempotency-Key'?: string }; query?: never; path?: never; cookie?: never }
type Get<Parameters, T> = { get: { parameters: Parameters; requestBody?: never; responses: { 200: Json<T> } & Refused } }
type Send<Verb extends 'post' | 'patch', Parameters, Body, T> = {
  [verb in Verb]: { parameters: Parameters; requestBody?: { content: { 'application/json': Body } }; responses: { 200: Json<T> } & Refused }
}

/** How many tasks a box holds; with more, at least so many. */
export interface BoxCount {
  box: Box
  count: number
  more: boolean
  overdue: number
}
export type Box = 'todo' | 'claimable' | 'started' | 'copied' | 'done'

/** Calls that are agreed and not in openapi.json yet. */
interface Agreed {
  '/api/v1/tasks/counts': Get<None, { boxes: BoxCount[] }>
  '/api/v1/session': Omit<paths['/api/v1/session'], 'patch'> & Send<'patch', None, { language?: 'zh' | 'en' }, components['schemas']['SessionBody']>
  '/api/v1/session/password': Send<'post', Keyed, { current: string; new: string }, unknown>
  '/api/v1/processes': Get<None, { items: Process[] }>
  '/api/v1/record-types': Get<None, { items: RecordType[] }>
  '/api/v1/records/{type}/similar': Get<{ path: { type: string }; query?: { [field: string]: string }; header?: never; cookie?: never }, { items: Similar[] }>
  '/api/v1/tasks/{id}/read': Send<'post', { header?: { 'Idempotency-Key'?: string }; path: { id: string }; query?: never; cookie?: never }, never, unknown>
}

/** A process that the reader may start. */
export interface Process {
  id: string
  title: string
  version: number
  record: { type: string; title: string }
  form: Field[]
  one_open_per_record: boolean
}

/** A record type that the reader may see or make records of. */
export interface RecordType {
  type: string
  title: string
  fields: (Field & { writable: boolean; compared: boolean })[]
  actions: string[]
}

/** A record that is much like another one, with whoever has it. Its title is empty where the reader may not see it. */
export interface Similar {
  record: components['schemas']['ReferenceBody']
  owner: string | null
  because: string[]
  exact: boolean
}

/** A choice and what it is called. */
export interface Choice {
  value: string
  title: string
}

/** A field of a form, as the API describes it. Lines have columns, which are fields themselves. */
export interface Field {
  field: string
  title: string
  type: string
  of?: (string | Choice)[]
  access?: 'read' | 'edit'
  required?: boolean
  value?: unknown
  many?: boolean
  long?: boolean
  to?: string
  columns?: Field[]
  accept?: string[]
  at_most?: number
}

/** Every path that the page calls. */
export type Paths = Omit<paths, keyof Agreed> & Agreed
