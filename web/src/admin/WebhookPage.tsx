import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { useIntegrator } from '../api/session'
import type { Webhook } from '../api/types'
import { sayMoment } from '../app/time'
import { Card } from '../components/Card'
import { Empty } from '../components/Empty'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Name } from '../components/Person'
import { Sentence } from '../components/Sentence'
import { Deliveries } from './Deliveries'
import { Hears, State } from './Hears'
import { WebhookSheet } from './WebhookSheet'
import { useChange, useDelete, useWebhook } from './webhooks'
import './admin.css'

/** A webhook: what it hears, how it is, what was sent to it, and what can be done with it. */
export default function WebhookPage() {
  const { t } = useTranslation()
  const { id = '' } = useParams()
  const mine = useIntegrator()
  const remove = useDelete(id)
  const stays = remove.isIdle || remove.isError
  const { data: webhook, error, refetch } = useWebhook(id, mine && stays)
  if (!mine) {
    return (
      <Page title={t('webhooks.title')} back="/settings">
        <Empty icon="person" title={t('webhooks.only')} />
      </Page>
    )
  }
  if (!webhook) return error ? <Failed problem={error} again={() => void refetch()} /> : <Loading page />
  return <Seen webhook={webhook} stays={stays} remove={remove.mutate} />
}

type Stays = { stays: boolean; remove: () => void }

function Seen({ webhook, stays, remove }: { webhook: Webhook } & Stays) {
  const { t } = useTranslation()
  const [changing, change] = useState(false)
  return (
    <Page title={webhook.url} back="/webhooks" className="webhook" sub={<State of={webhook} />} actions={<Button onClick={() => change(true)}>{t('webhooks.change')}</Button>}>
      <Troubles of={webhook} />
      <Card title={t('webhooks.about')}>
        <dl className="facts">
          {(['events', 'processes'] as const).map((what) => (
            <div key={what}>
              <dt>{t(`webhooks.${what}`)}</dt>
              <dd>
                <Hears what={what} of={webhook} />
              </dd>
            </div>
          ))}
          <div>
            <dt>{t('webhooks.madeBy')}</dt>
            <dd>
              <Name id={webhook.made_by} /> <span className="soft figure">{sayMoment(webhook.made_at)}</span>
            </dd>
          </div>
        </dl>
        <Acts of={webhook} stays={stays} remove={remove} />
      </Card>
      <Deliveries of={webhook.id} asked={stays} />
      {changing && <WebhookSheet webhook={webhook} close={() => change(false)} />}
    </Page>
  )
}

/** Since when nothing arrives, and why. */
function Troubles({ of }: { of: Webhook }) {
  const { t } = useTranslation()
  const { failing_since: since, why } = of
  if (!of.active) {
    return (
      <Sentence tone="warn" title={t('webhooks.isOff')}>
        {why && <p>{why}</p>}
      </Sentence>
    )
  }
  if (!since) return null
  return (
    <Sentence tone={of.failing ? 'bad' : 'warn'} title={t('webhooks.failingSince', { at: sayMoment(since) })}>
      {why && <p>{why}</p>}
      {of.failing && <p>{t('webhooks.failingText')}</p>}
    </Sentence>
  )
}

/** Trying again at once, on and off, and deleting. */
function Acts({ of, stays, remove }: { of: Webhook } & Stays) {
  const { t } = useTranslation()
  const turn = useChange(of.id, of.active ? 'switchedOff' : 'switchedOn')
  const again = useChange(of.id, 'trying')
  return (
    <div className="acts">
      {of.active && of.failing_since && (
        <Button loading={again.isPending} onClick={() => again.mutate({})}>
          {t('webhooks.again')}
        </Button>
      )}
      {of.active ? (
        <Popconfirm title={t('webhooks.offAsk')} okText={t('webhooks.switchOff')} cancelText={t('app.cancel')} onConfirm={() => turn.mutate({ active: false })}>
          <Button loading={turn.isPending}>{t('webhooks.switchOff')}</Button>
        </Popconfirm>
      ) : (
        <Button type="primary" loading={turn.isPending} onClick={() => turn.mutate({ active: true })}>
          {t('webhooks.switchOn')}
        </Button>
      )}
      <Popconfirm title={t('webhooks.deleteAsk')} okText={t('webhooks.delete')} okButtonProps={{ danger: true }} cancelText={t('app.cancel')} onConfirm={() => remove()}>
        <Button danger loading={!stays}>
          {t('webhooks.delete')}
        </Button>
      </Popconfirm>
    </div>
  )
}
