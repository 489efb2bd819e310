import { same, type Field } from '../components/form/field'
import type { Values } from '../components/form'

/** What of a form is set anew: what has become another since it was shown, where the reader has left it as it was. What they wrote stays. */
export function renewed(was: Field[], now: Field[], written: Values): Values {
  const before = new Map(was.map((f) => [f.field, f.value]))
  const left = now.filter((f) => !same(before.get(f.field), f.value) && same(written[f.field], before.get(f.field)))
  return Object.fromEntries(left.map((f) => [f.field, f.value ?? undefined]))
}
