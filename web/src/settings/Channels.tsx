import { useMutation, useQuery } from '@tanstack/react-query'
import { Switch } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { queries } from '../api/queries'
import type { Channel } from '../api/types'
import { sayMoment } from '../app/time'
import { Card } from '../components/Card'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { tell } from '../components/told'

/** By which channels one is told; administrators also see how they are. */
export function Channels() {
  const { t } = useTranslation()
  const { data: all, error, refetch } = useQuery({ queryKey: ['channels'], queryFn: () => data(api.GET('/api/v1/channels')).then(({ items }) => items) })
  return (
    <Card title={t('settings.channels')}>
      <p className="soft">{t('settings.channelsText')}</p>
      {error && !all ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !all ? (
        <Loading rows={1} />
      ) : (
        <ul className="absences">
          {all.map((channel) => (
            <One key={channel.id} channel={channel} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function One({ channel }: { channel: Channel }) {
  const { t } = useTranslation()
  const say = useSay()
  const { mutate, isPending } = useMutation({
    mutationFn: (on: boolean) => data(api.PATCH('/api/v1/channels/{id}', { params: { path: { id: channel.id } }, body: { on } })),
    onSuccess: (now) => {
      queries.setQueryData(['channels'], (was: Channel[] | undefined) => was?.map((c) => (c.id === now.id ? now : c)))
      tell(t(now.on ? 'settings.channelOn' : 'settings.channelOff', { channel: now.title }))
    },
    onError: (thrown) => tell(say(thrown)),
  })
  const how = channel.fixed ? t('settings.channelFixed') : !channel.address ? t('settings.noAddress') : !channel.works ? t('settings.channelDown') : channel.address
  return (
    <li>
      <span>
        <b>{channel.title}</b>
        <span className="soft">{how}</span>
        {channel.state && <State state={channel.state} />}
      </span>
      <Switch aria-label={t('settings.tellBy', { channel: channel.title })} checked={channel.on} disabled={channel.fixed} loading={isPending} onChange={(on) => mutate(on)} />
    </li>
  )
}

/** How a channel is, for administrators. */
function State({ state }: { state: NonNullable<Channel['state']> }) {
  const { t } = useTranslation()
  if (!state.configured) return <span className="soft">{t('settings.notConfigured')}</span>
  if (!state.failing_since) return state.waiting > 0 ? <span className="soft">{t('settings.waiting', { count: state.waiting })}</span> : null
  return (
    <span className="wrong">
      {t('settings.failing', { at: sayMoment(state.failing_since), count: state.waiting })}
      {state.why && <q>{state.why}</q>}
    </span>
  )
}
