import { isEmpty, same, type Field } from './field'

/** What a form holds: the API's values by field. */
export type Values = { [field: string]: unknown }

/** The values that fields begin with. */
export function valuesOf(fields: Field[]): Values {
  return Object.fromEntries(fields.filter((f) => !isEmpty(f.value)).map((f) => [f.field, f.value]))
}

/** What empties every field of a form. */
export function emptyOf(fields: Field[]): Values {
  return Object.fromEntries(fields.map((f) => [f.field, undefined]))
}

/** What was changed, as the API takes it: null empties a field. */
export function changesOf(fields: Field[], values: Values): Values {
  return Object.fromEntries(fields.filter((f) => !same(f.value, values[f.field])).map((f) => [f.field, isEmpty(values[f.field]) ? null : values[f.field]]))
}
