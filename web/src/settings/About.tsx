import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { signOut, useMe } from '../api/session'
import { sayDay, useClock, wall } from '../app/time'
import { Card } from '../components/Card'
import { useSay } from '../components/Failed'
import { tell } from '../components/told'

/** The sign-in on this device, and what this program is. */
export function About() {
  const { t } = useTranslation()
  const say = useSay()
  const me = useMe()
  const clock = useClock()
  const { data: version } = useQuery({
    queryKey: ['version'],
    queryFn: async () => ((await (await fetch('/readyz')).json()) as { version?: string }).version ?? '',
    staleTime: Infinity,
    retry: false,
  })
  const now = clock && wall(new Date(clock.now + clock.offset * 60_000).toISOString())
  return (
    <>
      <Card title={t('settings.signedIn')}>
        <p className="soft">{t('settings.until2', { at: sayDay(wall(me.expires_at).date) })}</p>
        <Button onClick={() => void signOut().catch((thrown: unknown) => tell(say(thrown)))}>{t('settings.signOut')}</Button>
      </Card>
      <Card title={t('settings.about')}>
        <p>
          {t('app.name')} {version && <span className="soft">{t('settings.version', { version })}</span>}
        </p>
        {now && <p className="soft">{t('settings.clock', { at: `${sayDay(now.date)} ${now.time}` })}</p>}
        <ul className="links">
          <li>
            <a href="/docs">{t('settings.api')}</a>
          </li>
          <li>
            <a href="/openapi.json">{t('settings.contract')}</a>
          </li>
        </ul>
      </Card>
    </>
  )
}
