import type { paths } from './schema'

type Similar = paths['/api/v1/records/{type}/similar']['get']

/** Calls of which openapi.json can't say everything. */
interface Agreed {
  /** The fields that a type compares are the query; each type has its own. */
  '/api/v1/records/{type}/similar': { get: Omit<Similar, 'parameters'> & { parameters: Omit<Similar['parameters'], 'query'> & { query?: { [field: string]: string } } } }
}

/** Every path that the page calls. */
export type Paths = Omit<paths, keyof Agreed> & Agreed
