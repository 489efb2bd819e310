import { useTranslation } from 'react-i18next'
import type { Webhook } from '../api/types'
import { wordOf } from '../i18n'
import { useProcessTitles } from '../settings/processes'

/** Of what a webhook hears: events, or processes, by what they are called. */
export function Hears({ what, of }: { what: 'events' | 'processes'; of: Webhook }) {
  const { t } = useTranslation()
  const titles = useProcessTitles()
  if (!of[what].length) return <>{t(`webhooks.all.${what}`)}</>
  return <>{of[what].map((id) => (what === 'events' ? wordOf('event', id) : (titles.get(id) ?? id))).join(t('app.list'))}</>
}

/** Whether a webhook is on, and works. */
export function State({ of }: { of: Webhook }) {
  const { t } = useTranslation()
  const how = !of.active ? 'off' : of.failing ? 'failing' : 'on'
  return <span className={`tag ${how}`}>{t(`webhooks.state.${how}`)}</span>
}
