import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { useDepartments } from '../api/people'
import { useAdmin } from '../api/session'
import type { User } from '../api/types'
import { useDesk } from '../app/media'
import { useRested } from '../app/rested'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Icon } from '../components/Icon'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Avatar } from '../components/Person'
import { heldRole } from './held'
import { PersonSheet } from './PersonSheet'
import { usePeopleList, useRoles } from './queries'
import './people.css'

/** The company's people: for everybody to find somebody, for administrators to look after them. */
export default function PeoplePage() {
  const { t } = useTranslation()
  const admin = useAdmin()
  const [adding, add] = useState(false)
  const [params, set] = useSearchParams()
  const q = params.get('q') ?? ''
  const rested = useRested(q)
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = usePeopleList(rested)
  const people = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={t('people.title')} back="/settings" actions={admin && <Button onClick={() => add(true)}>{t('people.add')}</Button>}>
      <div className="filters" role="search" aria-busy={q !== rested || isPending}>
        <Input
          type="search"
          allowClear
          prefix={<Icon name="search" size={18} />}
          aria-label={t('app.search')}
          placeholder={t('people.search')}
          value={q}
          onChange={(e) => set(e.target.value ? { q: e.target.value } : {}, { replace: true })}
        />
      </div>
      {isPending ? (
        <Loading rows={6} />
      ) : error && !data ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : people.length ? (
        <ul className="people">
          {people.map((user) => (
            <Row key={user.id} user={user} />
          ))}
        </ul>
      ) : (
        <Empty icon="search" title={t('people.none')} text={t('people.noneText')} />
      )}
      {hasNextPage && (
        <p className="end">
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('people.more')}
          </Button>
        </p>
      )}
      {adding && <PersonSheet close={() => add(false)} />}
    </Page>
  )
}

function Row({ user }: { user: User }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const departments = useDepartments()
  const roles = useRoles()
  const department = user.department && (departments.get(user.department)?.name ?? user.department)
  return (
    <li className={user.active ? 'person' : 'person left'}>
      <Avatar user={user} />
      <span className="what">
        <Link to={`/people/${user.id}`} className="cover">
          {user.name}
        </Link>
        <span className="soft">{[user.title, department].filter(Boolean).join(' · ')}</span>
      </span>
      {desk && <span className="soft roles">{user.roles.map((r) => heldRole(r, roles)).join(t('app.list'))}</span>}
      {!user.active && <span className="tag">{t('people.left')}</span>}
    </li>
  )
}
