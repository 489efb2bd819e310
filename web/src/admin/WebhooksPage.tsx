import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useIntegrator } from '../api/session'
import type { NewWebhook, Webhook } from '../api/types'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Hears, State } from './Hears'
import { Secret } from './Secret'
import { WebhookSheet } from './WebhookSheet'
import { useWebhooks } from './webhooks'
import './admin.css'

/** The addresses of other systems that hear what happens in cases, and how each is. */
export default function WebhooksPage() {
  const { t } = useTranslation()
  const mine = useIntegrator()
  const [adding, add] = useState(false)
  const [made, keep] = useState<NewWebhook[]>([]) // their secrets are nowhere else, and gone with this page
  const { data: all, error, refetch } = useWebhooks(mine)
  return (
    <Page title={t('webhooks.title')} back="/settings" sub={t('webhooks.lead')} actions={mine && <Button onClick={() => add(true)}>{t('webhooks.add')}</Button>}>
      {made.map((webhook) => (
        <Secret key={webhook.id} of={webhook} />
      ))}
      {!mine ? (
        <Empty icon="person" title={t('webhooks.only')} />
      ) : error && !all ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !all ? (
        <Loading rows={3} />
      ) : all.length ? (
        <ul className="office-list">
          {all.map((webhook) => (
            <Row key={webhook.id} webhook={webhook} />
          ))}
        </ul>
      ) : (
        <Empty icon="globe" title={t('webhooks.none')} text={t('webhooks.noneText')} />
      )}
      {adding && <WebhookSheet close={() => add(false)} made={(webhook) => keep((before) => [webhook, ...before])} />}
    </Page>
  )
}

function Row({ webhook }: { webhook: Webhook }) {
  return (
    <li>
      <div className="what">
        <p>
          <Link className="address" to={`/webhooks/${webhook.id}`}>
            {webhook.url}
          </Link>{' '}
          <State of={webhook} />
        </p>
        <p className="soft small">
          <Hears what="events" of={webhook} /> · <Hears what="processes" of={webhook} />
        </p>
        {webhook.why && <q className="soft small">{webhook.why}</q>}
      </div>
    </li>
  )
}
