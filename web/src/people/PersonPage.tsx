import { useMutation } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { api, data } from '../api/client'
import { useDepartments } from '../api/people'
import { queries } from '../api/queries'
import { useAdmin, useMe } from '../api/session'
import type { User } from '../api/types'
import { Card } from '../components/Card'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { NotFound } from '../components/NotFound'
import { Page } from '../components/Page'
import { Avatar, Name } from '../components/Person'
import { tell } from '../components/told'
import { Absences } from '../settings/Absences'
import { heldRole } from './held'
import { PersonSheet } from './PersonSheet'
import { useOne, useRoles } from './queries'
import './people.css'

/** A person: who they are, when they are away, and for administrators what is done when they leave. */
export default function PersonPage() {
  const { id = '' } = useParams()
  const { data: user, error, refetch } = useOne(id)
  if (user === null) return <NotFound />
  if (!user) return error ? <Failed problem={error} again={() => void refetch()} /> : <Loading page />
  return <Seen key={user.id} user={user} />
}

function Seen({ user }: { user: User }) {
  const { t } = useTranslation()
  const admin = useAdmin()
  const [changing, change] = useState(false)
  const sub = [user.title, !user.active && t('people.left')].filter(Boolean).join(' · ')
  return (
    <Page title={user.name} back="/people" sub={sub} actions={admin && <Button onClick={() => change(true)}>{t('people.change')}</Button>}>
      <div className="halves">
        <Card title={t('people.about')}>
          <About user={user} />
        </Card>
        <div>
          <Absences user={user.id} />
          {admin && <Leaving user={user} />}
        </div>
      </div>
      {changing && <PersonSheet user={user} close={() => change(false)} />}
    </Page>
  )
}

function About({ user }: { user: User }) {
  const { t } = useTranslation()
  const departments = useDepartments()
  const roles = useRoles()
  const department = user.department ? departments.get(user.department) : undefined
  const above = user.manager ?? (department?.head !== user.id ? department?.head : undefined)
  return (
    <>
      <p className="who">
        <Avatar user={user} />
        <span className="figure">{user.id}</span>
      </p>
      <dl className="facts">
        {user.department && (
          <div>
            <dt>{t('people.department')}</dt>
            <dd>
              {department?.name ?? user.department}
              {department?.head === user.id && <small className="soft"> {t('people.head')}</small>}
            </dd>
          </div>
        )}
        {above && (
          <div>
            <dt>{t('people.manager')}</dt>
            <dd>
              <Link to={`/people/${above}`}>
                <Name id={above} />
              </Link>
            </dd>
          </div>
        )}
        {user.roles.length > 0 && (
          <div className="span">
            <dt>{t('people.roles')}</dt>
            <dd>{user.roles.map((r) => heldRole(r, roles)).join(t('app.list'))}</dd>
          </div>
        )}
        {user.email && (
          <div className="span">
            <dt>{t('people.email')}</dt>
            <dd>
              <a href={'mailto:' + user.email}>{user.email}</a>
            </dd>
          </div>
        )}
      </dl>
    </>
  )
}

/** What is done when somebody leaves, and when they come back. */
function Leaving({ user }: { user: User }) {
  const { t } = useTranslation()
  const say = useSay()
  const me = useMe()
  const { mutate, isPending } = useMutation({
    mutationFn: () => data(api.PATCH('/api/v1/users/{id}', { params: { path: { id: user.id } }, body: { active: true } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['people'] })
      void queries.invalidateQueries({ queryKey: ['user', user.id] })
      tell(t('people.back'))
    },
    onError: (thrown) => tell(say(thrown)),
  })
  if (user.id === me.id) return null
  return (
    <Card title={t('handover.title')}>
      <p className="soft">{t('handover.text', { who: user.name })}</p>
      <p className="acts">
        <Link className="button" to={`/people/${user.id}/handover`}>
          {t(user.active ? 'handover.begin' : 'handover.show')}
        </Link>
        {!user.active && (
          <Popconfirm title={t('people.comesBackAsk', { who: user.name })} okText={t('act.confirm')} cancelText={t('app.close')} onConfirm={() => mutate()}>
            <Button loading={isPending}>{t('people.comesBack')}</Button>
          </Popconfirm>
        )}
      </p>
    </Card>
  )
}
