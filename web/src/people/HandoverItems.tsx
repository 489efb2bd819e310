import { useTranslation } from 'react-i18next'
import { useDepartments, usePeople } from '../api/people'
import type { Handover } from '../api/types'
import { Name } from '../components/Person'
import { Empty } from '../components/Empty'
import { PersonPick } from '../components/form'
import { useProcessTitles } from '../settings/processes'
import { heldRole } from './held'
import { useGroups, useRoles, type Successors } from './queries'

type Item = Handover['items'][number]

/** The kinds that may go to somebody else than the rest. */
const apart = ['tasks', 'records', 'initiator', 'roles', 'departments', 'absences']

interface Props {
  items: Item[]
  /** Of a preview: who takes over which part instead, and how to say so. */
  instead?: Successors['instead']
  set?: (what: string, who: string | undefined) => void
  except?: string
  busy?: boolean
}

/** What there is to hand over, kind by kind, and who takes it over. */
export function HandoverItems({ items, instead = {}, set, except = '', busy = false }: Props) {
  const { t } = useTranslation()
  const shown = items.filter((item) => item.count > 0)
  if (!shown.length) return <Empty title={t('handover.nothing')} />
  return (
    <ul className="handed" aria-busy={busy}>
      {shown.map((item) => (
        <li key={item.what}>
          <span className="what">
            <b>{t(`handover.what.${item.what}`)}</b>
            <Called item={item} />
          </span>
          <span className="figure count">{t('handover.count', { count: item.count })}</span>
          <span className="to">
            {set && apart.includes(item.what) ? (
              <PersonPick
                aria-label={t('handover.instead', { what: t(`handover.what.${item.what}`) })}
                placeholder={t('handover.same')}
                value={instead[item.what]}
                except={[except]}
                onChange={(who) => set(item.what, who as string | undefined)}
              />
            ) : item.to ? (
              <Name id={item.to} />
            ) : (
              <span className="soft">{t(item.what === 'definitions' ? 'handover.named' : 'handover.nobody')}</span>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** What the things are called, where they are few. */
function Called({ item }: { item: Item }) {
  const { t } = useTranslation()
  const roles = useRoles()
  const groups = useGroups()
  const departments = useDepartments()
  const processes = useProcessTitles()
  const people = usePeople(item.what === 'people' ? item.names : [])
  const called: { [what: string]: (id: string) => string | undefined } = {
    roles: (id) => heldRole(id, roles),
    groups: (id) => groups.get(id),
    departments: (id) => departments.get(id)?.name,
    people: (id) => people.get(id)?.name,
    definitions: (id) => processes.get(id.replace(/^process\//, '')),
  }
  const names = item.names.flatMap((id) => called[item.what]?.(id) ?? [])
  if (!names.length) return null
  return <span className="soft">{names.join(t('app.list'))}</span>
}
