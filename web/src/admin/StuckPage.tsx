import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { api, data } from '../api/client'
import { useAdmin } from '../api/session'
import type { Stuck } from '../api/types'
import { poll } from '../app/live'
import { sayMoment, useClock } from '../app/time'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { useProcessTitles } from '../settings/processes'
import { AssignSheet } from './AssignSheet'
import { StuckSheet } from './StuckSheet'
import './admin.css'

/** What doesn't go on by itself, page by page. Nothing tells the page of it, so it is read again every now and then. */
function useStuck(asked: boolean) {
  return useInfiniteQuery({
    queryKey: ['stuck'],
    queryFn: ({ pageParam }) => data(api.GET('/api/v1/stuck', { params: { query: { ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: asked,
    refetchInterval: poll,
  })
}

/** What can't go on without an administrator: why, since when, and what may be done. */
export default function StuckPage() {
  const { t } = useTranslation()
  const admin = useAdmin()
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useStuck(admin)
  const all = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={t('stuck.title')} back="/settings" sub={t('stuck.lead')}>
      {!admin ? (
        <Empty icon="person" title={t('stuck.only')} text={t('stuck.onlyText')} />
      ) : error && !data ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !data ? (
        <Loading rows={4} />
      ) : all.length ? (
        <ul className="office-list">
          {all.map((stuck) => (
            <Row key={keyOf(stuck)} stuck={stuck} />
          ))}
        </ul>
      ) : (
        <Empty title={t('stuck.none')} text={t('stuck.noneText')} />
      )}
      {hasNextPage && (
        <p className="end">
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('people.more')}
          </Button>
        </p>
      )}
    </Page>
  )
}

/** A case is on hold once, though it may be tried again while its sheet is open. */
const keyOf = (s: Stuck) => (s.what === 'held' ? s.what + s.case?.id : [s.what, s.case?.id, s.task, s.since].join())

function Row({ stuck }: { stuck: Stuck }) {
  const { t } = useTranslation()
  const clock = useClock()
  const titles = useProcessTitles()
  const [open, handle] = useState(false)
  const { case: kase, what } = stuck
  return (
    <li>
      <div className="what">
        <p>
          {kase ? <Link to={`/cases/${kase.id}`}>{kase.subject}</Link> : <b>{t('stuck.news')}</b>} <span className={`tag ${what}`}>{t(`stuck.what.${what}`)}</span>
        </p>
        <p className="soft small">
          {kase && (
            <>
              {titles.get(kase.process) ?? kase.process} · <span className="figure">{kase.number}</span> ·{' '}
            </>
          )}
          {t('stuck.since', { at: sayMoment(stuck.since, clock) })}
        </p>
        <q className="lines-of">{stuck.why}</q>
        <p className="soft small">{t(`stuck.hint.${what}`)}</p>
      </div>
      <div className="acts">
        {what === 'vacant' && stuck.task && <Button onClick={() => handle(true)}>{t('stuck.assign')}</Button>}
        {what === 'held' && kase && <Button onClick={() => handle(true)}>{t('stuck.handle')}</Button>}
      </div>
      {open && what === 'held' && kase && <StuckSheet id={kase.id} why={stuck.why} close={() => handle(false)} />}
      {open && what === 'vacant' && stuck.task && <AssignSheet task={stuck.task} close={() => handle(false)} />}
    </li>
  )
}
