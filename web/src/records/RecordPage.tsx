import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate, useParams } from 'react-router'
import type { Record_, RecordType } from '../api/types'
import { Card } from '../components/Card'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { NotFound } from '../components/NotFound'
import { Page } from '../components/Page'
import { Name } from '../components/Person'
import { ReadFields } from '../components/form'
import { useProcesses } from '../start/processes'
import { CasesOf } from './CasesOf'
import { Edit } from './Edit'
import { History } from './History'
import { NewRecord } from './NewRecord'
import { fieldsOf, useRecord, useType } from './queries'
import '../start/start.css'
import './records.css'

/** One record, or under /new the form for one. */
export default function RecordPage() {
  const { type = '', id = '' } = useParams()
  const { data: of, error, isPending, refetch } = useType(type)
  if (isPending) return <Loading page />
  if (!of) return error ? <Failed problem={error} again={() => void refetch()} /> : <NotFound />
  return id === 'new' ? <NewRecord key={of.type} type={of} /> : <One key={id} type={of} id={id} />
}

function One({ type, id }: { type: RecordType; id: string }) {
  const { data: record, error, refetch } = useRecord(type.type, id)
  if (error && !record) return <Failed problem={error} again={() => void refetch()} />
  if (!record) return <Loading page />
  return <Seen type={type} record={record} />
}

function Seen({ type, record }: { type: RecordType; record: Record_ }) {
  const { t } = useTranslation()
  const [editing, edit] = useState(false)
  const fields = fieldsOf(type, record)
  return (
    <Page
      title={record.title || record.number || type.title}
      back={`/records/${type.type}`}
      actions={!editing && <Starts record={record} />}
      sub={
        <>
          {type.title}
          {record.number && (
            <>
              {' · '}
              <span className="figure">{record.number}</span>
            </>
          )}
          {record.owner && (
            <>
              {' · '}
              {t('records.owner')} <Name id={record.owner} />
            </>
          )}
        </>
      }
    >
      <div className="halves">
        <Card title={t('records.fields')} extra={!editing && record.actions.includes('change') && <Button onClick={() => edit(true)}>{t('records.edit')}</Button>}>
          {editing ? <Edit type={type} record={record} close={() => edit(false)} /> : <ReadFields fields={fields} />}
        </Card>
        <div>
          <Card title={t('records.cases')}>
            <CasesOf record={record} />
          </Card>
          <Card title={t('records.history')}>
            <History type={type} record={record} />
          </Card>
        </div>
      </div>
    </Page>
  )
}

/** The processes that may be started on this record: each has its button, and many stand in a list. */
function Starts({ record }: { record: Record_ }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const { data: processes } = useProcesses()
  const ids = record.actions.filter((a) => a.startsWith('start:')).map((a) => a.slice('start:'.length))
  const known = (processes ?? []).filter((p) => ids.includes(p.id))
  const start = (id: string) => `/start/${id}?type=${record.type}&id=${record.id}`
  if (known.length > 2) {
    return (
      <Dropdown trigger={['click']} menu={{ className: 'starts', items: known.map((p) => ({ key: p.id, label: p.title })), onClick: ({ key }) => void go(start(key)) }}>
        <Button>{t('records.startOne')}</Button>
      </Dropdown>
    )
  }
  return known.map((p) => (
    <Link key={p.id} className="button" to={start(p.id)}>
      {t('records.start', { process: p.title })}
    </Link>
  ))
}
