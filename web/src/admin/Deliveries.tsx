import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Delivery } from '../api/types'
import { useAdmin } from '../api/session'
import { sayMoment } from '../app/time'
import { Card } from '../components/Card'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { wordOf } from '../i18n'
import { useDeliveries } from './webhooks'

/** What was sent to a webhook in the last seven days and what came of it, the newest first. */
export function Deliveries({ of, asked }: { of: string; asked: boolean }) {
  const { t } = useTranslation()
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useDeliveries(of, asked)
  const all = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Card title={t('webhooks.messages')}>
      {error && !data ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !data ? (
        <Loading rows={3} />
      ) : all.length ? (
        <ul className="messages">
          {all.map((message) => (
            <Row key={message.id} message={message} />
          ))}
        </ul>
      ) : (
        <p className="soft">{t('webhooks.noMessages')}</p>
      )}
      {hasNextPage && (
        <p className="end">
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('people.more')}
          </Button>
        </p>
      )}
    </Card>
  )
}

function Row({ message }: { message: Delivery }) {
  const { t } = useTranslation()
  const admin = useAdmin() // who connects systems need not see the case
  const { status, attempts, tried_at: tried, next_at: next } = message
  return (
    <li>
      <span className="what">
        <b>{wordOf('event', message.type)}</b>
        <span className="soft figure">{admin ? <Link to={`/cases/${message.case}`}>{message.number}</Link> : message.number}</span>
      </span>
      <span className="soft how">
        {tried ? t('webhooks.tried', { at: sayMoment(tried), count: attempts }) : t('webhooks.untried', { at: sayMoment(message.made_at) })}
        {status === 'waiting' && tried && next && <> · {t('webhooks.next', { at: sayMoment(next) })}</>}
        {message.why && <q>{message.why}</q>}
      </span>
      <span className={`tag ${status}`}>{t(`webhooks.status.${status}`)}</span>
    </li>
  )
}
