import { useMutation } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { NavLink, useLocation, useNavigationType } from 'react-router'
import { api, data } from '../api/client'
import { queries } from '../api/queries'
import { useAdmin, useIntegrator, useMe } from '../api/session'
import { hasChosen, speak, type Language } from '../i18n'
import { useCounts } from '../inbox/counts'
import { Icon, type IconName } from '../components/Icon'
import { Offline } from '../components/Offline'
import { Avatar } from '../components/Person'
import { LanguageChoice } from './LanguageChoice'
import { useStream } from './live'
import { useDesk } from './media'

const places: { to: string; word: 'inbox' | 'start' | 'records' | 'settings'; icon: IconName }[] = [
  { to: '/inbox', word: 'inbox', icon: 'inbox' },
  { to: '/start', word: 'start', icon: 'plus' },
  { to: '/records', word: 'records', icon: 'folder' },
  { to: '/settings', word: 'settings', icon: 'person' },
]

/** What surrounds every page: on a desk navigation at the side, on a phone at the thumb. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const at = useLocation()
  useStream()
  useSpoken()
  const how = useNavigationType()
  useEffect(() => {
    if (how !== 'POP') scrollTo(0, 0) // going back, the browser finds the place again
  }, [at.pathname, how])
  const alone = !desk && /^\/(tasks|cases|start|people|webhooks|records\/[^/]+)\/./.test(at.pathname)
  return (
    <div className={desk ? 'shell desk' : alone ? 'shell phone alone' : 'shell phone'}>
      <a className="skip" href="#main">
        {t('app.skip')}
      </a>
      {desk && <Side />}
      <main id="main" tabIndex={-1}>
        <Offline />
        {children}
      </main>
      {!desk && !alone && <Bar />}
    </div>
  )
}

/** What administrators look after, and of it integrators; on a phone it stands in their settings. */
const office: { to: string; word: 'people' | 'departments' | 'roles' | 'groups' | 'webhooks' | 'stuck' | 'versions'; icon: IconName }[] = [
  { to: '/people', word: 'people', icon: 'person' },
  { to: '/departments', word: 'departments', icon: 'chart' },
  { to: '/roles', word: 'roles', icon: 'badge' },
  { to: '/groups', word: 'groups', icon: 'folder' },
  { to: '/stuck', word: 'stuck', icon: 'alert' },
  { to: '/versions', word: 'versions', icon: 'return' },
  { to: '/webhooks', word: 'webhooks', icon: 'send' },
]

function Office() {
  const { t } = useTranslation()
  const admin = useAdmin()
  if (!useIntegrator()) return null
  return (
    <>
      <p className="section">{t('office.admin')}</p>
      {office.filter(({ word }) => admin || word === 'webhooks').map(({ to, word, icon }) => (
        <NavLink key={to} to={to} className="place">
          <Icon name={icon} />
          <span>{t(`office.${word}`)}</span>
        </NavLink>
      ))}
    </>
  )
}

function Places() {
  const { t } = useTranslation()
  const { data: counts } = useCounts()
  const waiting = counts?.find((c) => c.box === 'todo')
  return places.map(({ to, word, icon }) => (
    <NavLink key={to} to={to} className="place">
      <Icon name={icon} />
      <span>{t(`app.${word}`)}</span>
      {to === '/inbox' && waiting !== undefined && waiting.count > 0 && (
        <b className={waiting.overdue ? 'badge late' : 'badge'}>{waiting.more || waiting.count > 999 ? '999+' : waiting.count}</b>
      )}
    </NavLink>
  ))
}

function Side() {
  const { t } = useTranslation()
  const me = useMe()
  return (
    <nav className="side" aria-label={t('app.main')}>
      <NavLink to="/inbox" className="brand">
        <img src="/icon.svg" alt="" width="28" height="28" />
        {t('app.name')}
      </NavLink>
      <Places />
      <Office />
      <span className="fill" />
      <LanguageSwitch />
      <NavLink to="/settings" className="me">
        <Avatar user={me} />
        <span>
          {me.name}
          <small>{me.title}</small>
        </span>
      </NavLink>
    </nav>
  )
}

function Bar() {
  const { t } = useTranslation()
  return (
    <nav className="bar" aria-label={t('app.main')}>
      <Places />
    </nav>
  )
}

/** Chooses the other language, for this device and for the person. */
export function LanguageSwitch() {
  const keep = useMutation({
    mutationFn: (language: Language) => data(api.PATCH('/api/v1/session', { body: { language } })),
    onSuccess: (session) => queries.setQueryData(['session'], session),
    retry: false,
  })
  return <LanguageChoice chosen={(language) => keep.mutate(language)} />
}

/** On a device where nobody has chosen, the page speaks as the person does. */
function useSpoken() {
  const { language } = useMe()
  useEffect(() => {
    if (!hasChosen() && (language === 'zh' || language === 'en')) void speak(language)
  }, [language])
}
