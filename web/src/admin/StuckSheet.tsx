import { useMutation } from '@tanstack/react-query'
import { Button, Input, Radio, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import type { Case } from '../api/types'
import { useCase } from '../case/queries'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { tell } from '../components/told'

const acts = ['resume', 'jump', 'suspend', 'cancel'] as const
type OfficeAct = (typeof acts)[number]

/** What may be done with a case that stopped: what the server offers, each with what follows and a reason. */
export function StuckSheet({ id, why, close }: { id: string; why: string; close: () => void }) {
  const { t } = useTranslation()
  const { data: kase, error, refetch } = useCase(id)
  if (kase) return <Ask kase={kase} why={why} close={close} />
  return (
    <Sheet title={t('stuck.handle')} onClose={close}>
      {error ? <Failed problem={error} again={() => void refetch()} /> : <Loading />}
    </Sheet>
  )
}

function send(act: OfficeAct, id: string, body: { reason: string; to?: string }, key: string): Promise<Case> {
  const params = { path: { id }, header: { 'Idempotency-Key': key } }
  switch (act) {
    case 'resume':
      return data(api.POST('/api/v1/cases/{id}/resume', { params, body }))
    case 'jump':
      return data(api.POST('/api/v1/cases/{id}/jump', { params, body }))
    case 'suspend':
      return data(api.POST('/api/v1/cases/{id}/suspend', { params, body }))
    case 'cancel':
      return data(api.POST('/api/v1/cases/{id}/cancel', { params, body }))
  }
}

interface Sent {
  act: OfficeAct
  reason: string
  to?: string
}

/** Whether a case stands where it stood: its sheet stays open, and says so. */
const stopsAgain = (now: Case, { act }: Sent) => act === 'resume' && Boolean(now.held)

function Ask({ kase, why, close }: { kase: Case; why: string; close: () => void }) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const offered = acts.filter((act) => kase.actions.includes(act))
  const [chosen, choose] = useState<OfficeAct>()
  const act = chosen ?? offered[0]
  const [reason, write] = useState('')
  const [to, lead] = useState<string>()
  const { mutate, isPending, error, data: after } = useMutation({
    mutationFn: (sent: Sent) => {
      const body = { reason: sent.reason, ...(sent.to && { to: sent.to }) }
      return send(sent.act, kase.id, body, intent.key(sent))
    },
    onSuccess: (now, sent) => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['stuck'] })
      void queries.invalidateQueries({ queryKey: ['case', kase.id] })
      if (!stopsAgain(now, sent)) tell(t(`stuck.done.${sent.act}`))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const press = (act: OfficeAct) => mutate({ act, reason: reason.trim(), ...(act === 'jump' && to && { to }) }, { onSuccess: (now, sent) => !stopsAgain(now, sent) && close() })
  const ready = reason.trim() && (act !== 'jump' || to)
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t(act ? 'app.cancel' : 'app.close')}</Button>
      {act && (
        <Button type="primary" danger={act === 'cancel'} disabled={!ready} loading={isPending} onClick={() => press(act)}>
          {t(`stuck.act.${act}`)}
        </Button>
      )}
    </div>
  )
  return (
    <Sheet title={kase.subject} onClose={close} foot={foot}>
      {after?.held ? (
        <Sentence tone="warn" title={t('stuck.still')}>
          {after.held}
        </Sentence>
      ) : (
        <blockquote>{why}</blockquote>
      )}
      {error && (
        <Sentence tone="bad">
          <p className="lines-of">{say(error)}</p>
        </Sentence>
      )}
      {act ? (
        <>
          <Radio.Group
            className="choices"
            aria-label={t('stuck.how')}
            value={act}
            onChange={(e) => choose(e.target.value as OfficeAct)}
            options={offered.map((a) => ({ value: a, label: t(`stuck.act.${a}`) }))}
          />
          <p className="soft then">{t(`stuck.then.${act}`)}</p>
          {act === 'jump' && <Places kase={kase} value={to} choose={lead} />}
          <label className="labelled">
            <span>{t('act.reason')}</span>
            <Input.TextArea value={reason} onChange={(e) => write(e.target.value)} rows={3} maxLength={2000} />
          </label>
        </>
      ) : (
        <p>{t('stuck.gone')}</p>
      )}
    </Sheet>
  )
}

/** The steps that a case can be led to, as the server says. */
function Places({ kase, value, choose }: { kase: Case; value: string | undefined; choose: (to: string) => void }) {
  const { t } = useTranslation()
  return (
    <div className="labelled">
      <label htmlFor="jump-to">{t('case.jumpTo')}</label>
      <Select id="jump-to" className="wide" value={value} onChange={choose} options={(kase.places ?? []).map(({ step, title }) => ({ value: step, label: title }))} placeholder={t('act.choose')} />
    </div>
  )
}
