import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAdmin } from '../api/session'
import type { Group } from '../api/types'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Names } from '../components/Person'
import { useGroupList } from '../people/queries'
import { GroupSheet } from './GroupSheet'
import './admin.css'

/** With more people than this, a list says how many they are. */
const most = 30

/** The groups that chains ask, and who is in each. Administrators change them. */
export default function GroupsPage() {
  const { t } = useTranslation()
  const admin = useAdmin()
  const [adding, add] = useState(false)
  const [changing, change] = useState<Group>()
  const { data: groups, error, refetch } = useGroupList()
  return (
    <Page title={t('groups.title')} back="/settings" sub={t('groups.lead')} actions={admin && <Button onClick={() => add(true)}>{t('groups.add')}</Button>}>
      {error && !groups ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !groups ? (
        <Loading rows={6} />
      ) : groups.length ? (
        <ul className="office-list directory">
          {groups.map((group) => (
            <li key={group.id}>
              <div className="what">
                <p>{group.name}</p>
                <p className="soft small">{group.members.length ? <Names ids={group.members} most={most} /> : t('groups.nobody')}</p>
              </div>
              {admin && (
                <div className="acts">
                  <Button aria-label={t('groups.changeOne', { name: group.name })} onClick={() => change(group)}>
                    {t('groups.change')}
                  </Button>
                </div>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <Empty icon="person" title={t('groups.none')} />
      )}
      {adding && <GroupSheet close={() => add(false)} />}
      {changing && <GroupSheet group={changing} close={() => change(undefined)} />}
    </Page>
  )
}
