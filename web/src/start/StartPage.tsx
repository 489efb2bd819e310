import { Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Icon } from '../components/Icon'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { useProcesses } from './processes'
import './start.css'

/** With more than so many one looks for a process by its name. */
const few = 8

/** What the reader may start. */
export default function StartPage() {
  const { t } = useTranslation()
  const { data: all, error, refetch } = useProcesses()
  const [q, find] = useState('')
  const shown = (all ?? []).filter((p) => (p.title + p.record.title + p.id).toLowerCase().includes(q.trim().toLowerCase()))
  return (
    <Page title={t('start.title')} sub={t('start.lead')}>
      {all && all.length > few && (
        <div className="filters" role="search">
          <Input type="search" allowClear prefix={<Icon name="search" size={18} />} aria-label={t('start.find')} placeholder={t('start.find')} value={q} onChange={(e) => find(e.target.value)} />
        </div>
      )}
      {error && !all ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !all ? (
        <Loading rows={3} />
      ) : !all.length ? (
        <Empty icon="plus" title={t('start.empty')} text={t('start.emptyText')} />
      ) : !shown.length ? (
        <Empty icon="search" title={t('form.notFound')} />
      ) : (
        <ul className="offers">
          {shown.map((p) => (
            <li key={p.id}>
              <Link to={`/start/${p.id}`}>
                <b>{p.title}</b>
                <span className="soft">
                  {t('start.on', { record: p.record.title })}
                  {p.one_open_per_record && ' · ' + t('start.one')}
                </span>
                <Icon name="right" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Page>
  )
}
