import type { Department, Group, Role } from '../api/types'
import type { Values } from '../components/form'
import { written } from '../people/held'
import { both } from '../people/person'

/** Who holds a role for one value; a line of a form. */
interface HeldFor {
  value: string
  people: string[]
}

/** What the form of a role begins with. */
export function formOfRole(role: Role | undefined): Values {
  if (!role) return {}
  const { zh, en } = role.texts.name
  return { id: role.id, name_zh: zh, name_en: en, users: role.users, for: heldFor(role) }
}

/** Who holds a role for one value only, value by value. */
export function heldFor(role: Role): HeldFor[] {
  return Object.entries(role.for)
    .map(([value, people]) => ({ value, people }))
    .sort((a, b) => a.value.localeCompare(b.value))
}

/** What the form of a group begins with. */
export function formOfGroup(group: Group | undefined): Values {
  if (!group) return {}
  const { zh, en } = group.texts.name
  return { id: group.id, name_zh: zh, name_en: en, members: group.members }
}

/** What the form of a department begins with. */
export function formOfDepartment(department: Department | undefined): Values {
  if (!department) return {}
  const { zh, en } = department.texts.name
  return { id: department.id, name_zh: zh, name_en: en, parent: department.parent, head: department.head, in_charge: department.in_charge }
}

/** The form of a role as the API takes it: of one that is there only what has changed. */
export function bodyOfRole(values: Values, role?: Role) {
  const users = (values.users as string[] | undefined) ?? []
  const scoped: { [value: string]: string[] } = {}
  for (const { value, people } of written<HeldFor>(values.for)) scoped[value.trim()] = [...(scoped[value.trim()] ?? []), ...people]
  return {
    ...named(values, formOfRole(role), Boolean(role)),
    ...(inOrder(users) !== inOrder(role?.users ?? []) && { users }),
    ...(allInOrder(scoped) !== allInOrder(role?.for ?? {}) && { for: scoped }),
  }
}

/** The form of a group as the API takes it: of one that is there only what has changed. */
export function bodyOfGroup(values: Values, group?: Group) {
  const members = (values.members as string[] | undefined) ?? []
  return { ...named(values, formOfGroup(group), Boolean(group)), ...(inOrder(members) !== inOrder(group?.members ?? []) && { members }) }
}

/** The form of a department as the API takes it: of one that is there only what has changed, where an empty text empties it. */
export function bodyOfDepartment(values: Values, department?: Department) {
  const was = formOfDepartment(department)
  const sent = (field: string) => (text(values, field) !== text(was, field) ? { [field]: text(values, field) } : {})
  return { ...named(values, was, Boolean(department)), ...sent('parent'), ...sent('head'), ...sent('in_charge') }
}

const text = (values: Values, field: string) => String(values[field] ?? '').trim()
const inOrder = (ids: string[]) => JSON.stringify([...ids].sort())
const allInOrder = (lines: { [value: string]: string[] }) => JSON.stringify(Object.keys(lines).sort().map((value) => [value, inOrder(lines[value] ?? [])]))

/** The id of what is new, and the name where it has changed. */
function named(values: Values, was: Values, known: boolean) {
  const changed = ['name_zh', 'name_en'].some((field) => text(values, field) !== text(was, field))
  return { ...(!known && { id: text(values, 'id') }), ...(changed && { name: both(text(values, 'name_zh'), text(values, 'name_en')) }) }
}

/** A department and how deep it stands. */
export interface Placed {
  department: Department
  depth: number
}

/** Departments as they stand below each other. What is below nothing that is there, or goes round in a circle, stands at the top. */
export function placed(all: Department[]): Placed[] {
  const known = new Set(all.map((d) => d.id))
  const seen = new Set<string>()
  const below = (department: Department, depth: number): Placed[] => {
    if (seen.has(department.id)) return []
    seen.add(department.id)
    return [{ department, depth }, ...all.filter((d) => d.parent === department.id).flatMap((d) => below(d, depth + 1))]
  }
  const top = all.filter((d) => !d.parent || !known.has(d.parent))
  return [...top, ...all].flatMap((d) => below(d, 0))
}

/** Who answers for a department, and by which: its own executive, or that of the nearest one above that has one who is still here. */
export function answersFor(department: Department, all: Map<string, Department>, left: (id: string) => boolean): { who: string; by: Department } | null {
  const seen = new Set<string>()
  for (let at: Department | undefined = department; at && !seen.has(at.id); at = all.get(at.parent ?? '')) {
    seen.add(at.id)
    if (at.in_charge && !left(at.in_charge)) return { who: at.in_charge, by: at }
  }
  return null
}
