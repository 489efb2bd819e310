import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router'
import { useIntent } from '../api/intent'
import type { Case } from '../api/types'
import { useDesk } from '../app/media'
import { useRested } from '../app/rested'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Boxes } from './Boxes'
import { CaseRow } from './CaseRow'
import { keyOfCases, useMyCases, type CaseFilter } from './cases'
import { Filters } from './Filters'
import { useKeys } from './keys'
import { List } from './List'
import { useNewer } from './newer'
import { rowsOfCases, unique } from './rows'

const CaseActSheet = lazy(() => import('../case/CaseActSheet'))

const states = ['', 'running', 'over'] as const

/** What the address says about the list, so that a link or a reload shows the same one. */
function useFilter(): [CaseFilter, (to: Partial<CaseFilter>) => void] {
  const [params, set] = useSearchParams()
  const filter = { q: params.get('q') ?? '', process: params.get('process') ?? '', state: states.find((s) => s === params.get('state')) ?? '' }
  const change = (to: Partial<CaseFilter>) => {
    const { q, process, state } = { ...filter, ...to }
    set({ ...(q && { q }), ...(process && { process }), ...(state && { state }) }, { replace: true })
  }
  return [filter, change]
}

/** The cases that the reader has started: where each stands and with whom, and how those that are over have ended. */
export function Started() {
  const { t } = useTranslation()
  const desk = useDesk()
  const go = useNavigate()
  const [filter, change] = useFilter()
  const asked = { ...filter, q: useRested(filter.q) }
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useMyCases(asked)
  const [urging, urge] = useState<Case | null>(null)
  const intent = useIntent() // outlives the sheet: nobody may know yet whether what was sent arrived
  const [newer, showNew] = useNewer(data?.pages.length ?? 0, keyOfCases(asked))
  const rows = useMemo(() => rowsOfCases(unique(data?.pages.flatMap((page) => page.items) ?? [])), [data])
  const cases = useMemo(() => rows.flatMap((row) => ('of' in row ? [row.of] : [])), [rows])
  const narrowed = Boolean(asked.q || asked.process || asked.state)
  const [at, move] = useKeys(desk && !urging, cases, { open: useCallback((kase: Case) => void go(`/cases/${kase.id}`), [go]) })
  return (
    <Page title={t('box.started')} className="inbox">
      <Boxes />
      <Filters filter={filter} change={change} busy={filter.q !== asked.q}>
        <select aria-label={t('inbox.state')} value={filter.state} onChange={(e) => change({ state: e.target.value as CaseFilter['state'] })}>
          <option value="">{t('inbox.anyState')}</option>
          <option value="running">{t('inbox.running')}</option>
          <option value="over">{t('inbox.over')}</option>
        </select>
      </Filters>
      {newer && (
        <button type="button" className="newer" onClick={showNew}>
          {t('app.newer')}
        </button>
      )}
      {isPending ? (
        <Loading rows={6} />
      ) : error && !data ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : rows.length ? (
        <List
          rows={rows}
          chosen={at}
          show={(kase, n) => <CaseRow kase={kase} chosen={n === at} choose={() => move(n)} urge={urge} />}
          more={hasNextPage}
          loading={isFetchingNextPage}
          next={() => void fetchNextPage()}
        />
      ) : narrowed ? (
        <Empty icon="search" title={t('inbox.empty.searchStarted')} text={t('inbox.empty.searchText')}>
          <button type="button" className="link" onClick={() => change({ q: '', process: '', state: '' })}>
            {t('inbox.empty.clear')}
          </button>
        </Empty>
      ) : (
        <Empty title={t('inbox.empty.started')} text={t('inbox.empty.startedText')} />
      )}
      {desk && rows.length > 0 && <p className="keys soft">{t('inbox.keysOfCases')}</p>}
      {urging && (
        <Suspense>
          <CaseActSheet act="urge" kase={urging} intent={intent} onClose={() => urge(null)} />
        </Suspense>
      )}
    </Page>
  )
}
