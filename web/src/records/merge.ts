import { same, type Field } from '../components/form/field'
import type { Values } from '../components/form'

/** A field that two people changed at once. */
export interface Clash {
  field: Field
  was: unknown
  theirs: unknown
  mine: unknown
}

/** What both changed, and differently: mine is what was changed since `was`, theirs is what is there now. What only one of us changed clashes with nothing. */
export function clashes(fields: Field[], was: Values, theirs: Values, mine: Values): Clash[] {
  return fields.flatMap((field) => {
    if (!(field.field in mine)) return []
    const [a, b, c] = [was[field.field], theirs[field.field], mine[field.field]]
    return same(a, b) || same(b, c) ? [] : [{ field, was: a, theirs: b, mine: c }]
  })
}
