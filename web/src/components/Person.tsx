import { useTranslation } from 'react-i18next'
import { usePeople, usePerson } from '../api/people'
import type { User } from '../api/types'

/** A letter of the name in a colour that stays the person's. */
export function Avatar({ user, id }: { user?: Pick<User, 'id' | 'name'> | undefined; id?: string }) {
  const of = user?.id ?? id ?? ''
  const hue = [...of].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 6, 0)
  return (
    <span className={`avatar hue${hue}`} aria-hidden="true">
      {(user?.name ?? of).slice(0, 1).toUpperCase()}
    </span>
  )
}

/** A person's name; the id until it is known. */
export function Name({ id }: { id: string | null | undefined }) {
  const { t } = useTranslation()
  const user = usePerson(id)
  return <>{id ? (user?.name ?? id) : t('app.system')}</>
}

/** Several names in a sentence; many become a number. */
export function Names({ ids, most = 3 }: { ids: string[]; most?: number }) {
  const { t } = useTranslation()
  const people = usePeople(ids.slice(0, most))
  if (ids.length > most) return <>{t('app.people', { count: ids.length })}</>
  return <>{ids.map((id) => people.get(id)?.name ?? id).join(t('app.list'))}</>
}
