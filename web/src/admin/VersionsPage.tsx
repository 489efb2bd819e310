import { Button } from 'antd'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { newKey } from '../api/client'
import { useAdmin } from '../api/session'
import type { Case } from '../api/types'
import { Empty } from '../components/Empty'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { queries } from '../api/queries'
import { each, migrate, most, tryMigration, useOlder, useVersions, type Result } from './queries'
import { MoveSheet } from './MoveSheet'
import MigrateSheet from './MigrateSheet'
import './admin.css'

/** Open cases that don't run by the present version of their process, and how to take them there. */
export default function VersionsPage() {
  const { t } = useTranslation()
  const admin = useAdmin()
  const [params, set] = useSearchParams()
  const process = params.get('process') ?? ''
  const { data: versions } = useVersions()
  const { data: older, error, refetch } = useOlder(process, admin)
  return (
    <Page title={t('versions.title')} back="/settings" sub={t('versions.lead')}>
      {!admin ? (
        <Empty icon="person" title={t('versions.only')} />
      ) : (
        <>
          <div className="filters">
            <select aria-label={t('inbox.process')} value={process} onChange={(e) => set(e.target.value ? { process: e.target.value } : {}, { replace: true })}>
              <option value="">{t('versions.all')}</option>
              {[...(versions ?? [])].map(([id, { title }]) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </div>
          {error && !older ? (
            <Failed problem={error} again={() => void refetch()} />
          ) : !older ? (
            <Loading rows={4} />
          ) : (
            <Cases key={process} cases={older.items} more={older.more} />
          )}
        </>
      )}
    </Page>
  )
}

/** What is under way with all of them. */
interface Going {
  what: 'checking' | 'moving'
  done: number
  count: number
}

function Cases({ cases, more }: { cases: Case[]; more: boolean }) {
  const { t } = useTranslation()
  const [checked, check] = useState<Map<string, Result>>(new Map())
  const [moved, move] = useState<Map<string, Result>>(new Map())
  const [going, go] = useState<Going>()
  const [asking, ask] = useState(false)
  const keys = useRef(new Map<string, string>()) // of each case and reason: pressed again, a move that nobody knows the outcome of has one effect
  const all = [...[...moved.values()].map((r) => r.case).filter((c) => !cases.some((one) => one.id === c.id)), ...cases]
  const safe = cases.filter((c) => checked.get(c.id)?.migration?.verdict === 'safe' && !moved.get(c.id)?.migration)
  const run = async (what: Going['what'], of: Case[], act: Parameters<typeof each>[1], heard: (result: Result) => void) => {
    go({ what, done: 0, count: of.length })
    await each(of, act, (result) => {
      heard(result)
      go((now) => now && { ...now, done: now.done + 1 })
    })
    go(undefined)
  }
  const checkAll = () => run('checking', cases, (kase) => tryMigration(kase.id, {}, newKey()), (r) => check((was) => new Map(was).set(r.case.id, r)))
  const moveSafe = async (reason: string) => {
    ask(false)
    const key = (id: string) => {
      const said = id + reason
      keys.current.set(said, keys.current.get(said) ?? newKey())
      return keys.current.get(said) ?? ''
    }
    await run('moving', safe, (kase) => migrate(kase.id, { reason }, key(kase.id)), (r) => move((was) => new Map(was).set(r.case.id, r)))
    void queries.invalidateQueries({ queryKey: ['cases', 'older'] })
  }
  if (!all.length) return <Empty title={t('versions.none')} text={t('versions.noneText')} />
  const results = [...moved.values()]
  return (
    <>
      <div className="sum" role="status">
        <span className="soft">
          {going
            ? t(`versions.${going.what}`, going as { done: number; count: number })
            : results.length
              ? t('versions.movedAll', { done: results.filter((r) => r.migration).length, failed: results.filter((r) => r.refused).length })
              : !checked.size && t('versions.checkFirst')}
        </span>
        {cases.length > 0 && (
          <Button loading={Boolean(going)} onClick={() => void checkAll()}>
            {t('versions.check', { count: cases.length })}
          </Button>
        )}
        {safe.length > 0 && (
          <Button type="primary" disabled={Boolean(going)} onClick={() => ask(true)}>
            {t('versions.move', { count: safe.length })}
          </Button>
        )}
      </div>
      <ul className="office-list">
        {all.map((kase) => (
          <Row key={kase.id} kase={kase} checked={checked.get(kase.id)} moved={moved.get(kase.id)} busy={Boolean(going)} />
        ))}
      </ul>
      {more && <p className="soft end">{t('versions.most', { count: most })}</p>}
      {asking && <MoveSheet count={safe.length} close={() => ask(false)} move={(reason) => void moveSafe(reason)} />}
    </>
  )
}

function Row({ kase, checked, moved, busy }: { kase: Case; checked: Result | undefined; moved: Result | undefined; busy: boolean }) {
  const { t } = useTranslation()
  const say = useSay()
  const [open, look] = useState(false)
  const verdict = checked?.migration?.verdict
  const refused = moved?.refused ?? checked?.refused
  const because = verdict && verdict !== 'safe' ? checked?.migration?.because : undefined
  return (
    <li>
      <div className="what">
        <p>
          <Link to={`/cases/${kase.id}`}>{kase.subject}</Link>{' '}
          {moved?.migration ? <span className="tag safe">{t('versions.moved')}</span> : verdict && <span className={`tag ${verdict}`}>{t(`versions.verdict.${verdict}`)}</span>}
        </p>
        <p className="soft small">
          {kase.title} · <span className="figure">{kase.number}</span> · {t('versions.by', { n: moved?.migration?.case.version ?? kase.version })}
        </p>
        {because?.map((why) => (
          <p key={why} className="soft small">
            {why}
          </p>
        ))}
        {refused !== undefined && <p className="wrong lines-of">{say(refused)}</p>}
      </div>
      {!moved?.migration && (
        <div className="acts">
          <Button disabled={busy} onClick={() => look(true)}>
            {t('versions.one')}
          </Button>
        </div>
      )}
      {open && <MigrateSheet kase={kase} close={() => look(false)} />}
    </li>
  )
}
