import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { api, data } from '../api/client'
import { usePerson } from '../api/people'
import type { Record_, RecordType } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { isEmpty, titleOf, Value, type Field } from '../components/form'
import { useCasesOf } from './CasesOf'

interface Change {
  version: number
  at: string
  by: string | null
  case: string | null
  changes: { [field: string]: { from?: unknown; to?: unknown } }
}

/** Who changed what, in sentences, newest first. */
export function History({ type, record }: { type: RecordType; record: Record_ }) {
  const { t } = useTranslation()
  const { data: pages, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['record', record.type, record.id, 'history'],
    queryFn: ({ pageParam }) =>
      data(api.GET('/api/v1/records/{type}/{id}/history', { params: { path: { type: record.type, id: record.id }, query: { limit: 20, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
  })
  if (error && !pages) return <Failed problem={error} again={() => void refetch()} />
  if (!pages) return <Loading rows={2} />
  return (
    <>
      <ol className="history">
        {pages.pages.flatMap((page) => page.items as Change[]).map((change) => (
          <Changed key={change.version} change={change} type={type} record={record} />
        ))}
      </ol>
      {hasNextPage && (
        <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('records.more')}
        </Button>
      )}
    </>
  )
}

function Changed({ change, type, record }: { change: Change; type: RecordType; record: Record_ }) {
  const { t } = useTranslation()
  const clock = useClock()
  const person = usePerson(change.by)
  const { data: cases } = useCasesOf(record.id)
  const of = cases?.find((c) => c.id === change.case)
  const said = { who: change.by ? (person?.name ?? change.by) : t('app.system'), at: sayMoment(change.at, clock) }
  const inCase = of && <Link to={`/cases/${of.id}`}>{t('records.historyIn', { number: of.number })}</Link>
  if (change.version === 1) {
    return (
      <li>
        {t('records.historyMade', said)} {inCase}
      </li>
    )
  }
  return (
    <li>
      {Object.entries(change.changes).map(([name, { from, to }]) => {
        const field: Field = type.fields.find((f) => f.field === name) ?? { field: name, title: name, type: 'text' }
        const words = { ...said, field: t('timeline.step', { title: titleOf(field) }) }
        if (isEmpty(to)) {
          return (
            <p key={name}>
              {t('records.historyCleared', words)} <Value field={field} value={from} /> {inCase}
            </p>
          )
        }
        if (isEmpty(from) || field.type === 'lines') {
          return (
            <p key={name}>
              {t('records.historySet', words)} <Value field={field} value={to} /> {inCase}
            </p>
          )
        }
        return (
          <p key={name}>
            {t('records.historyFrom', words)} <Value field={field} value={from} /> {t('records.historyTo')} <Value field={field} value={to} /> {inCase}
          </p>
        )
      })}
    </li>
  )
}
