import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAdmin } from '../api/session'
import type { Role } from '../api/types'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Names } from '../components/Person'
import { useRoleList } from '../people/queries'
import { heldFor } from './directory'
import { RoleSheet } from './RoleSheet'
import './admin.css'

/** With more people than this, a list says how many they are. */
const most = 30

/** The roles that chains ask, and who holds each for what. Administrators change them. */
export default function RolesPage() {
  const { t } = useTranslation()
  const admin = useAdmin()
  const [adding, add] = useState(false)
  const [changing, change] = useState<Role>()
  const { data: roles, error, refetch } = useRoleList()
  return (
    <Page title={t('roles.title')} back="/settings" sub={t('roles.lead')} actions={admin && <Button onClick={() => add(true)}>{t('roles.add')}</Button>}>
      {error && !roles ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !roles ? (
        <Loading rows={6} />
      ) : roles.length ? (
        <ul className="office-list directory">
          {roles.map((role) => (
            <Row key={role.id} role={role} change={admin ? change : undefined} />
          ))}
        </ul>
      ) : (
        <Empty icon="person" title={t('roles.none')} />
      )}
      {adding && <RoleSheet close={() => add(false)} />}
      {changing && <RoleSheet role={changing} close={() => change(undefined)} />}
    </Page>
  )
}

function Row({ role, change }: { role: Role; change: ((role: Role) => void) | undefined }) {
  const { t } = useTranslation()
  const scoped = heldFor(role)
  return (
    <li>
      <div className="what">
        <p>{role.name}</p>
        <dl className="held">
          {role.users.length > 0 && (
            <div>
              <dt>{t('roles.everything')}</dt>
              <dd>
                <Names ids={role.users} most={most} />
              </dd>
            </div>
          )}
          {scoped.map(({ value, people }) => (
            <div key={value}>
              <dt>{t('roles.only', { value })}</dt>
              <dd>
                <Names ids={people} most={most} />
              </dd>
            </div>
          ))}
        </dl>
        {!role.users.length && !scoped.length && <p className="soft small">{t('roles.nobody')}</p>}
      </div>
      {change && (
        <div className="acts">
          <Button aria-label={t('roles.changeOne', { name: role.name })} onClick={() => change(role)}>
            {t('roles.change')}
          </Button>
        </div>
      )}
    </li>
  )
}
