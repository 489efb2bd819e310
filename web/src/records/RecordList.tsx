import { useTranslation } from 'react-i18next'
import { Link, Navigate, NavLink, useParams, useSearchParams } from 'react-router'
import type { RecordType } from '../api/types'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Icon } from '../components/Icon'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { useRested } from '../app/rested'
import { Filters } from './Filters'
import { useRecords, useTypes, type Filter } from './queries'
import { Rows } from './Rows'
import './records.css'

/** The records of each type. */
export default function RecordList() {
  const { t } = useTranslation()
  const { type } = useParams()
  const { data: types, error, refetch } = useTypes()
  if (error && !types) return <Failed problem={error} again={() => void refetch()} />
  if (!types) return <Loading page />
  const first = types[0]
  if (!first) {
    return (
      <Page title={t('records.title')}>
        <Empty icon="folder" title={t('records.noTypes')} />
      </Page>
    )
  }
  const of = types.find((one) => one.type === type)
  return of ? <OfType key={of.type} type={of} types={types} /> : <Navigate to={`/records/${first.type}`} replace />
}

/** What the address says about the list, so that a link or a reload shows the same one. */
function useFilter(): [Filter, (to: Partial<Filter>) => void] {
  const [params, set] = useSearchParams()
  const { q = '', ...fields } = Object.fromEntries(params)
  const filter = { q, fields }
  const change = (to: Partial<Filter>) => {
    const next = { ...filter, ...to }
    set({ ...(next.q && { q: next.q }), ...Object.fromEntries(Object.entries(next.fields).filter(([, value]) => value)) }, { replace: true })
  }
  return [filter, change]
}

function OfType({ type, types }: { type: RecordType; types: RecordType[] }) {
  const { t } = useTranslation()
  const [filter, change] = useFilter()
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useRecords(type.type, { ...filter, q: useRested(filter.q) })
  const records = data?.pages.flatMap((page) => page.items) ?? []
  const narrowed = Boolean(filter.q || Object.keys(filter.fields).length)
  const make = type.actions.includes('create') && (
    <Link className="button" to={`/records/${type.type}/new`}>
      <Icon name="plus" size={18} />
      {t('records.new', { type: type.title })}
    </Link>
  )
  return (
    <Page title={t('records.title')} actions={make}>
      <nav className="boxes" aria-label={t('records.title')}>
        {types.map((one) => (
          <NavLink key={one.type} to={`/records/${one.type}`}>
            {one.title}
          </NavLink>
        ))}
      </nav>
      <Filters type={type} filter={filter} change={change} />
      {isPending ? (
        <Loading rows={6} />
      ) : error && !data ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : records.length ? (
        <Rows type={type} records={records} more={hasNextPage} loading={isFetchingNextPage} next={() => void fetchNextPage()} />
      ) : narrowed ? (
        <Empty icon="search" title={t('records.none', { type: type.title })} text={t('records.noneText')}>
          <button type="button" className="link" onClick={() => change({ q: '', fields: {} })}>
            {t('records.clear')}
          </button>
        </Empty>
      ) : (
        <Empty icon="folder" title={t('records.empty', { type: type.title })} text={t('records.emptyText')} />
      )}
    </Page>
  )
}
