import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useNavigate, useParams, useSearchParams } from 'react-router'
import type { Box, Task } from '../api/types'
import { useDesk } from '../app/media'
import { useRested } from '../app/rested'
import { useClock } from '../app/time'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Boxes } from './Boxes'
import { bulkActs, type BulkAct } from './bulk'
import { BulkBar, DroppedOut } from './BulkBar'
import { useChosen } from './chosen'
import { Filters } from './Filters'
import { useKeys } from './keys'
import { List } from './List'
import { useNewer } from './newer'
import { isWaitedFor, rowsOf, unique } from './rows'
import { Started } from './Started'
import { TaskRow } from './TaskRow'
import { keyOf, useTasks, type Filter } from './tasks'

const ApproveSheet = lazy(() => import('./ApproveSheet'))
const BulkSheet = lazy(() => import('./BulkSheet'))

export const boxes: Box[] = ['todo', 'claimable', 'started', 'copied', 'done']

/** The boxes: what waits, what may be claimed, what one has started, was sent, and has done. */
export function Inbox() {
  const { box } = useParams()
  const known = boxes.find((b) => b === box)
  if (!known) return <Navigate to="/inbox/todo" replace />
  return known === 'started' ? <Started /> : <OneBox key={known} box={known} />
}

/** What the address says about the list, so that a link or a reload shows the same one. */
function useFilter(box: Box): [Filter, (to: Partial<Filter>) => void] {
  const [params, set] = useSearchParams()
  const waits = isWaitedFor(box) // a copy is never due, and what is done was late at most
  const filter = { box, q: params.get('q') ?? '', process: params.get('process') ?? '', overdue: waits && params.get('overdue') === 'true', newest: waits && params.get('sort') === 'newest' }
  const change = (to: Partial<Filter>) => {
    const { q, process, overdue, newest } = { ...filter, ...to }
    set({ ...(q && { q }), ...(process && { process }), ...(overdue && { overdue: 'true' }), ...(newest && { sort: 'newest' }) }, { replace: true })
  }
  return [filter, change]
}

function OneBox({ box }: { box: Box }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const clock = useClock()
  const go = useNavigate()
  const [filter, change] = useFilter(box)
  const asked = { ...filter, q: useRested(filter.q) }
  const { data, error, isPending, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useTasks(asked)
  const [asking, ask] = useState<Task | null>(null)
  const [newer, showNew] = useNewer(data?.pages.length ?? 0, keyOf(asked))
  const tasks = useMemo(() => unique(data?.pages.flatMap((page) => page.items) ?? []), [data])
  const rows = useMemo(() => rowsOf({ box, newest: asked.newest }, tasks, clock), [box, asked.newest, tasks, clock])
  const narrowed = Boolean(asked.q || asked.process || asked.overdue)
  const chosen = useChosen(box, tasks, !narrowed && !isPending && !hasNextPage)
  const [bulk, askBulk] = useState<BulkAct | null>(null)
  const several = bulkActs(box).length > 0
  const from = useMemo(() => (box === 'todo' ? { from: { box, q: asked.q, process: asked.process, overdue: asked.overdue, newest: asked.newest } } : undefined), [box, asked.q, asked.process, asked.overdue, asked.newest])
  const openTask = useCallback((task: Task) => void go(`/tasks/${task.id}`, { state: from }), [go, from])
  const [at, move] = useKeys(desk && !asking && !bulk, tasks, { open: openTask, approve: ask, take: several ? chosen.toggle : undefined })
  return (
    <Page title={t(`box.${box}`)} className="inbox">
      <Boxes />
      <Filters filter={filter} change={change} busy={filter.q !== asked.q}>
        {isWaitedFor(box) && (
          <button type="button" className="chip" aria-pressed={filter.overdue} onClick={() => change({ overdue: !filter.overdue })}>
            {t('inbox.overdue')}
          </button>
        )}
        {isWaitedFor(box) && (
          <select aria-label={t('inbox.sort')} value={filter.newest ? 'newest' : 'due'} onChange={(e) => change({ newest: e.target.value === 'newest' })}>
            <option value="due">{t('inbox.byDue')}</option>
            <option value="newest">{t('inbox.byNewest')}</option>
          </select>
        )}
        {!desk && several && tasks.length > 0 && (
          <button type="button" className="chip choose" aria-pressed={chosen.choosing} onClick={chosen.choosing ? chosen.end : chosen.begin}>
            {t('bulk.choose')}
          </button>
        )}
      </Filters>
      <DroppedOut of={chosen} />
      {newer && (
        <button type="button" className="newer" onClick={showNew}>
          {t('inbox.newWork')}
        </button>
      )}
      {isPending ? (
        <Loading rows={6} />
      ) : error && !data ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : tasks.length || hasNextPage ? (
        <List
          rows={rows}
          chosen={at}
          show={(task, n) => <TaskRow box={box} task={task} chosen={n === at} choose={() => move(n)} approve={ask} several={several ? chosen : undefined} from={from} />}
          more={hasNextPage}
          loading={isFetchingNextPage}
          next={() => void fetchNextPage()}
        />
      ) : narrowed ? (
        <Empty icon="search" title={t('inbox.empty.search')} text={t('inbox.empty.searchText')}>
          <button type="button" className="link" onClick={() => change({ q: '', process: '', overdue: false })}>
            {t('inbox.empty.clear')}
          </button>
        </Empty>
      ) : (
        <Empty title={t(`inbox.empty.${box}`)} text={t(`inbox.empty.${box}Text`)} />
      )}
      {desk && tasks.length > 0 && <p className="keys soft">{t('inbox.keys')}</p>}
      {several && (chosen.chosen.size > 0 || (chosen.choosing && !desk)) && <BulkBar box={box} of={chosen} ask={askBulk} />}
      {bulk && (
        <Suspense>
          <BulkSheet act={bulk} tasks={[...chosen.chosen.values()]} close={() => askBulk(null)} remove={chosen.remove} />
        </Suspense>
      )}
      {asking && (
        <Suspense>
          <ApproveSheet task={asking} close={() => ask(null)} />
        </Suspense>
      )}
    </Page>
  )
}
