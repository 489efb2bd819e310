import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { newKey } from '../api/client'
import { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import type { Case, Migration } from '../api/types'
import { useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { tell } from '../components/told'
import { migrate, tryMigration, useVersions, type Asked } from './queries'
import { Verdict } from './Verdict'
import './admin.css'

/** Takes one case to another version of its process: first what would become of it, then where it goes on, and why. */
export default function MigrateSheet({ kase, close }: { kase: Case; close: () => void }) {
  const { t } = useTranslation()
  const { data: versions } = useVersions()
  const now = versions?.get(kase.process)?.version
  return versions ? <Ask kase={kase} now={now ?? kase.version} close={close} /> : (
    <Sheet title={t('versions.one')} onClose={close}>
      <Loading />
    </Sheet>
  )
}

function Ask({ kase, now, close }: { kase: Case; now: number; close: () => void }) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const others = Array.from({ length: now }, (_, i) => now - i).filter((n) => n !== kase.version)
  const [to, choose] = useState(others[0] ?? now)
  const [map, fill] = useState<{ [step: string]: string }>({})
  const [reason, write] = useState('')
  const { data: tried, error: refused } = useQuery({
    queryKey: ['migration', kase.id, to], // not with the case: once it has gone over there is nothing to try
    queryFn: () => tryMigration(kase.id, { to }, newKey()),
    retry: false,
  })
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Asked & { reason: string }) => migrate(kase.id, body, intent.key(body)),
    onSuccess: () => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['case', kase.id] })
      void queries.invalidateQueries({ queryKey: ['cases', 'older'] })
      tell(t('versions.done', { n: to }))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const needs = tried?.needs ?? []
  const may = tried && tried.verdict !== 'stays' && needs.every((n) => map[n.step])
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" disabled={!may || !reason.trim()} loading={isPending} onClick={() => mutate({ to, ...(needs.length > 0 && { map }), reason: reason.trim() }, { onSuccess: close })}>
        {t('versions.one')}
      </Button>
    </div>
  )
  return (
    <Sheet title={t('versions.one')} onClose={close} foot={foot}>
      <p className="soft">
        {kase.subject} · <span className="figure">{kase.number}</span> · {t('versions.by', { n: kase.version })}
      </p>
      <div className="labelled">
        <label htmlFor="version">{t('versions.to')}</label>
        <Select
          id="version"
          className="wide"
          value={to}
          onChange={(n: number) => {
            choose(n)
            fill({})
          }}
          options={others.map((n) => ({ value: n, label: t(n === now ? 'versions.current' : 'versions.version', { n }) }))}
        />
      </div>
      {(error ?? refused) && (
        <Sentence tone="bad">
          <p className="lines-of">{say(error ?? refused)}</p>
        </Sentence>
      )}
      {tried ? <Verdict migration={tried} /> : !refused && <Loading rows={2} />}
      {tried && needs.length > 0 && <Mapping migration={tried} map={map} fill={(step, on) => fill({ ...map, [step]: on })} />}
      {tried && tried.verdict !== 'stays' && (
        <>
          <p className="soft then">{t('versions.oneThen')}</p>
          <label className="labelled">
            <span>{t('act.reason')}</span>
            <Input.TextArea value={reason} onChange={(e) => write(e.target.value)} rows={3} maxLength={2000} />
          </label>
        </>
      )}
    </Sheet>
  )
}

/** Asks of each step where the case stands where it goes on in the other version. */
function Mapping({ migration, map, fill }: { migration: Migration; map: { [step: string]: string }; fill: (step: string, to: string) => void }) {
  const { t } = useTranslation()
  const { needs, titles } = migration
  return (
    <>
      <h3 className="label">{t('versions.map')}</h3>
      {needs.map(({ step, to }) => (
        <div key={step} className="labelled">
          <label htmlFor={`map-${step}`}>{t('versions.mapText', { step: titles.old[step] ?? step })}</label>
          <Select id={`map-${step}`} className="wide" value={map[step]} onChange={(on: string) => fill(step, on)} placeholder={t('act.choose')} options={to.map((id) => ({ value: id, label: titles.new[id] ?? id }))} />
        </div>
      ))}
    </>
  )
}
