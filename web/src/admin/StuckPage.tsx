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
  const [handled, handle] = useState<Stuck>() // its sheet stays while it is written in, whatever becomes of the list
  const close = () => handle(undefined)
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
            <Row key={keyOf(stuck)} stuck={stuck} handle={() => handle(stuck)} />
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
      {handled?.what === 'held' && handled.case && <StuckSheet id={handled.case.id} why={handled.why} close={close} />}
      {handled?.what === 'vacant' && handled.task && <AssignSheet task={handled.task} close={close} />}
    </Page>
  )
}

/** A case is on hold once, though it may be tried again. */
const keyOf = (s: Stuck) => (s.what === 'held' ? s.what + s.case?.id : [s.what, s.case?.id, s.task, s.since].join())

function Row({ stuck, handle }: { stuck: Stuck; handle: () => void }) {
  const { t } = useTranslation()
  const clock = useClock()
  const titles = useProcessTitles()
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
        {what === 'vacant' && stuck.task && <Button onClick={handle}>{t('stuck.assign')}</Button>}
        {what === 'held' && kase && <Button onClick={handle}>{t('stuck.handle')}</Button>}
      </div>
    </li>
  )
}
