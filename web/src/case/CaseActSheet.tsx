import { useMutation } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import type { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import type { Case } from '../api/types'
import { useSay } from '../components/Failed'
import { PersonPick } from '../components/form'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { tell } from '../components/told'

export type CaseAct = 'urge' | 'copy' | 'withdraw' | 'revoke' | 'suspend' | 'resume' | 'jump' | 'cancel'

interface Sent {
  reason?: string
  to?: string
  people?: string[]
}

function send(act: CaseAct, id: string, body: Sent, key: string): Promise<unknown> {
  const params = { path: { id }, header: { 'Idempotency-Key': key } }
  switch (act) {
    case 'urge':
      return data(api.POST('/api/v1/cases/{id}/urge', { params, body: { ...(body.reason && { comment: body.reason }) } }))
    case 'copy':
      return data(api.POST('/api/v1/cases/{id}/copy', { params, body: { to: body.people ?? [], ...(body.reason && { comment: body.reason }) } }))
    case 'withdraw':
      return data(api.POST('/api/v1/cases/{id}/withdraw', { params, body }))
    case 'revoke':
      return data(api.POST('/api/v1/cases/{id}/revoke', { params, body }))
    case 'suspend':
      return data(api.POST('/api/v1/cases/{id}/suspend', { params, body }))
    case 'resume':
      return data(api.POST('/api/v1/cases/{id}/resume', { params, body }))
    case 'jump':
      return data(api.POST('/api/v1/cases/{id}/jump', { params, body }))
    case 'cancel':
      return data(api.POST('/api/v1/cases/{id}/cancel', { params, body }))
  }
}

interface Props {
  act: CaseAct
  kase: Case
  intent: ReturnType<typeof useIntent>
  onClose: () => void
}

/** Asks once more, with what follows and the reason. */
export default function CaseActSheet({ act, kase, intent, onClose }: Props) {
  const { t } = useTranslation()
  const say = useSay()
  const [reason, write] = useState('')
  const [to, lead] = useState<string>()
  const [people, name] = useState<string[]>([])
  const id = useId()
  const needed = !['withdraw', 'revoke', 'urge', 'copy'].includes(act)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (sent: Sent) => send(act, kase.id, sent, intent.key([act, sent])),
    onSuccess: () => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['case', kase.id] })
      void queries.invalidateQueries({ queryKey: ['cases'] })
      tell(t(`case.done.${act}`))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const press = () => mutate({ ...(reason.trim() && { reason: reason.trim() }), ...(to && { to }), ...(people.length > 0 && { people }) }, { onSuccess: onClose })
  const ready = (!needed || reason.trim()) && (act !== 'jump' || to) && (act !== 'copy' || people.length > 0)
  const foot = (
    <div className="buttons">
      <Button onClick={onClose}>{t('app.cancel')}</Button>
      <Button type="primary" danger={act === 'withdraw' || act === 'cancel'} disabled={!ready} loading={isPending} onClick={press}>
        {t(`case.act.${act}`)}
      </Button>
    </div>
  )
  return (
    <Sheet title={t(`case.act.${act}`)} onClose={onClose} foot={foot}>
      <p>{t(`case.then.${act}`)}</p>
      {error && <Sentence tone="bad">{say(error)}</Sentence>}
      {act === 'jump' && (
        <label className="labelled">
          <span>{t('case.jumpTo')}</span>
          <Select className="wide" value={to} onChange={lead} options={(kase.places ?? []).map(({ step, title }) => ({ value: step, label: title }))} placeholder={t('act.choose')} />
        </label>
      )}
      {act === 'copy' && (
        <div className="labelled">
          <label htmlFor={id}>{t('copies.to')}</label>
          <PersonPick id={id} many value={people} onChange={(of) => name((of as string[] | undefined) ?? [])} />
        </div>
      )}
      <label className="labelled">
        <span>{t(needed ? 'act.reason' : 'task.commentOptional')}</span>
        <Input.TextArea value={reason} onChange={(e) => write(e.target.value)} rows={3} maxLength={2000} />
      </label>
    </Sheet>
  )
}
