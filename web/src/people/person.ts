import type { User } from '../api/types'
import type { Values } from '../components/form'
import { cut, isScoped, written, type Scoped } from './held'

/** A text in each language, as the API has it. */
interface Both {
  zh?: string
  en?: string
}

/** What the form of a person begins with. */
export function formOf(user: User | undefined): Values {
  if (!user) return { language: 'zh' }
  const { name, title } = user.texts
  return {
    name_zh: name.zh, name_en: name.en, title_zh: title.zh, title_en: title.en, department: user.department, manager: user.manager,
    roles: user.roles.filter((held) => !isScoped(held)), scoped: user.roles.filter(isScoped).map(cut), email: user.email, language: user.language,
  }
}

/** The form as the API takes it: of somebody who is there only what has changed, where an empty text empties it. */
export function bodyOf(values: Values, user?: User) {
  const text = (field: string) => String(values[field] ?? '').trim()
  const was = formOf(user)
  const changed = (field: string) => !user || text(field) !== String(was[field] ?? '')
  const roles = [...((values.roles as string[] | undefined) ?? []), ...written<Scoped>(values.scoped).map((line) => `${line.role}@${line.value.trim()}`)]
  const rolesChanged = !user || JSON.stringify([...roles].sort()) !== JSON.stringify([...user.roles].sort())
  const sent = (field: string) => (changed(field) && (user || text(field)) ? { [field]: text(field) } : {})
  return {
    ...(!user && { user: text('user') }),
    ...((changed('name_zh') || changed('name_en')) && { name: both(text('name_zh'), text('name_en')) }),
    ...((changed('title_zh') || changed('title_en')) && { title: both(text('title_zh'), text('title_en')) }),
    ...sent('department'),
    ...sent('manager'),
    ...(rolesChanged && { roles }),
    ...sent('email'),
    ...(changed('language') && text('language') && { language: text('language') as 'zh' | 'en' }),
    ...(text('password') && { password: text('password') }),
  }
}

/** A text in one language stands for the other one, too. */
export function both(zh: string, en: string): string | Both {
  return zh && en ? { zh, en } : zh || en
}
