import { Button } from 'antd'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useDepartmentList, usePeople } from '../api/people'
import { useAdmin } from '../api/session'
import type { Department } from '../api/types'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Name } from '../components/Person'
import { DepartmentSheet } from './DepartmentSheet'
import { answersFor, placed } from './directory'
import './admin.css'

/** The company's departments below each other: who heads each, and who is in charge of it. Administrators change them. */
export default function DepartmentsPage() {
  const { t } = useTranslation()
  const admin = useAdmin()
  const [adding, add] = useState(false)
  const [changing, change] = useState<Department>()
  const { data: all, error, refetch } = useDepartmentList()
  const lines = useMemo(() => placed(all ?? []), [all])
  const byId = useMemo(() => new Map((all ?? []).map((d) => [d.id, d])), [all])
  const people = usePeople((all ?? []).flatMap((d) => [d.head, d.in_charge].filter((id) => id !== null)))
  const left = (id: string) => people.get(id)?.active === false
  return (
    <Page title={t('departments.title')} back="/settings" sub={t('departments.lead')} actions={admin && <Button onClick={() => add(true)}>{t('departments.add')}</Button>}>
      {error && !all ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !all ? (
        <Loading rows={6} />
      ) : lines.length ? (
        <ul className="office-list directory departments">
          {lines.map(({ department, depth }) => {
            const answers = answersFor(department, byId, left)
            return (
              <li key={department.id} style={{ marginInlineStart: `calc(${Math.min(depth, 6)} * var(--step))` }}>
                <div className="what">
                  <p>{department.name}</p>
                  <dl className="held">
                    <div>
                      <dt>{t('departments.head')}</dt>
                      <dd>
                        <Who id={department.head} left={left} />
                      </dd>
                    </div>
                    <div>
                      <dt>{t('departments.inCharge')}</dt>
                      <dd>
                        <Who id={answers?.who ?? department.in_charge} left={left} />
                        {answers && answers.by.id !== department.id && <span className="soft"> {t('departments.by', { name: answers.by.name })}</span>}
                      </dd>
                    </div>
                  </dl>
                </div>
                {admin && (
                  <div className="acts">
                    <Button aria-label={t('departments.changeOne', { name: department.name })} onClick={() => change(department)}>
                      {t('departments.change')}
                    </Button>
                  </div>
                )}
              </li>
            )
          })}
        </ul>
      ) : (
        <Empty icon="folder" title={t('departments.none')} />
      )}
      {adding && <DepartmentSheet close={() => add(false)} />}
      {changing && <DepartmentSheet department={changing} close={() => change(undefined)} />}
    </Page>
  )
}

/** Somebody by name, and whether they have left. */
function Who({ id, left }: { id: string | null; left: (id: string) => boolean }) {
  const { t } = useTranslation()
  if (!id) return <span className="soft">{t('app.none')}</span>
  return (
    <>
      <Link to={`/people/${id}`}>
        <Name id={id} />
      </Link>
      {left(id) && (
        <>
          {' '}
          <span className="tag">{t('people.left')}</span>
        </>
      )}
    </>
  )
}
