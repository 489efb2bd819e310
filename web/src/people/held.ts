import { isEmpty } from '../components/form/field'

/** A role that somebody holds for one value only; a line of a form. */
export interface Scoped {
  role: string
  value: string
}

/** Roles that crmflow itself asks for: they are held for everything or not at all. */
export const wholeRoles = ['administrator', 'process-owner', 'integrator']

/** Whether a role, as somebody holds it, is held for one value only. */
export const isScoped = (held: string): boolean => held.includes('@')

/** “finance@north” in its two parts; the value may hold the sign, too. */
export function cut(held: string): Scoped {
  const at = held.indexOf('@')
  return { role: held.slice(0, at), value: held.slice(at + 1) }
}

/** What a role is called as somebody holds it: “finance@north” is the role for north only. */
export function heldRole(held: string, roles: Map<string, string>): string {
  if (!isScoped(held)) return roles.get(held) ?? held
  const { role, value } = cut(held)
  return `${roles.get(role) ?? role} · ${value}`
}

const says = (value: unknown) => !isEmpty(typeof value === 'string' ? value.trim() : value)

/** The lines of a form in which anything was written. */
export function written<Line extends object>(lines: unknown): Line[] {
  return ((lines as Line[] | undefined) ?? []).filter((line) => Object.values(line).some(says))
}

/** The longest value that a role can be held for, in characters. */
const longest = 100

/** Whether a line says only half of what it has to, or names a value that is too long. */
export function isHalf(lines: unknown, columns: string[]): boolean {
  return written<{ [column: string]: unknown }>(lines).some((line) => !columns.every((column) => says(line[column])) || [...String(line['value']).trim()].length > longest)
}
