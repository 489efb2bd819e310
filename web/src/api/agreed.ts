import type { components, paths } from './schema'

type Similar = paths['/api/v1/records/{type}/similar']['get']

/** A POST about one case or task. */
interface About<Body, Status extends number, Answer> {
  post: {
    parameters: { path: { id: string }; header?: { 'Idempotency-Key'?: string } }
    requestBody: { content: { 'application/json': Body } }
    responses: { [status in Status]: { headers: { [name: string]: unknown }; content: { 'application/json': Answer } } }
  }
}

/** Calls of which openapi.json can't say everything, and what a server may offer beside them: it says so by the actions of a case. */
interface Agreed {
  /** The fields that a type compares are the query; each type has its own. */
  '/api/v1/records/{type}/similar': { get: Omit<Similar, 'parameters'> & { parameters: Omit<Similar['parameters'], 'query'> & { query?: { [field: string]: string } } } }
  '/api/v1/cases/{id}/comments': About<{ comment: string; mention?: string[] }, 201, components['schemas']['EntryBody']>
  '/api/v1/cases/{id}/urge': About<{ comment?: string }, 200, unknown>
}

/** Every path that the page calls. */
export type Paths = Omit<paths, keyof Agreed> & Agreed
