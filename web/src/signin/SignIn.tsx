import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Navigate, useSearchParams } from 'react-router'
import { api, data } from '../api/client'
import { queries } from '../api/queries'
import { useSession } from '../api/session'
import { LanguageChoice } from '../app/LanguageChoice'
import { useSay } from '../components/Failed'
import { Sentence } from '../components/Sentence'

/** Where to go after signing in: a place of this page, never another site. */
function placeOf(to: string | null): string {
  return to && /^\/(?![/\\])/.test(to) && !to.startsWith('/sign-in') ? to : '/'
}

/** Signs somebody in and leads back to where they wanted to be. */
export default function SignIn() {
  const { t } = useTranslation()
  const say = useSay()
  const id = useId()
  const [params] = useSearchParams()
  const { data: session } = useSession()
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState<{ user?: string; password?: string }>({})
  const signIn = useMutation({
    mutationFn: () => data(api.POST('/api/v1/session', { body: { user: user.trim(), password } })),
    onSuccess: (who) => {
      queries.removeQueries({ predicate: (q) => q.queryKey[0] !== 'session' })
      queries.setQueryData(['session'], who)
    },
    retry: false,
  })
  if (session) return <Navigate to={placeOf(params.get('to'))} replace />
  const send = (e: FormEvent) => {
    e.preventDefault()
    const wrong = { ...(user.trim() ? {} : { user: t('signin.userRequired') }), ...(password ? {} : { password: t('signin.passwordRequired') }) }
    setMissing(wrong)
    if (!Object.keys(wrong).length) signIn.mutate()
  }
  return (
    <main className="signin">
      <form onSubmit={send} noValidate>
        <header>
          <img src="/icon.svg" alt="" width="44" height="44" />
          <h1>{t('app.name')}</h1>
          <p>{t('signin.lead')}</p>
        </header>
        {signIn.error && <Sentence tone="bad">{say(signIn.error)}</Sentence>}
        <Labelled id={id + 'u'} title={t('signin.user')} wrong={missing.user}>
          <Input id={id + 'u'} size="large" autoFocus autoComplete="username" autoCapitalize="none" spellCheck={false} value={user} status={missing.user ? 'error' : ''} onChange={(e) => setUser(e.target.value)} />
        </Labelled>
        <Labelled id={id + 'p'} title={t('signin.password')} wrong={missing.password}>
          <Input id={id + 'p'} size="large" type="password" autoComplete="current-password" value={password} status={missing.password ? 'error' : ''} onChange={(e) => setPassword(e.target.value)} />
        </Labelled>
        <Button type="primary" size="large" block htmlType="submit" loading={signIn.isPending}>
          {t('signin.go')}
        </Button>
        <footer>
          <LanguageChoice />
          <a href="/about">{t('signin.about')}</a>
        </footer>
      </form>
    </main>
  )
}

function Labelled({ id, title, wrong, children }: { id: string; title: string; wrong: string | undefined; children: ReactNode }) {
  return (
    <div className="labelled">
      <label htmlFor={id}>{title}</label>
      {children}
      {wrong && (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  )
}
