import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import type { User } from '../api/types'
import { useSay } from '../components/Failed'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { tell } from '../components/told'
import type { Successors } from './queries'

interface Props {
  user: User
  /** What the successor is called. */
  name: string
  successors: Successors
  close: () => void
  done: () => void
}

/** Asks once more, with what follows and the reason. */
export function HandoverSheet({ user, name, successors, close, done }: Props) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const [reason, write] = useState('')
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Successors & { comment: string }) =>
      data(api.POST('/api/v1/users/{id}/handover', { params: { path: { id: user.id }, header: { 'Idempotency-Key': intent.key(body) } }, body })),
    onSuccess: (begun) => {
      intent.answered()
      queries.setQueryData(['handover', user.id], { ...begun, items: [] }) // what is still theirs is read again at once
      void queries.invalidateQueries({ queryKey: ['handover', user.id], exact: true })
      queries.setQueryData(['people', 'one', user.id], { ...user, active: false })
      void queries.invalidateQueries({ queryKey: ['people'] })
      void queries.invalidateQueries({ queryKey: ['absences'] })
      tell(t('handover.done'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const begun = () => {
    close()
    done()
  }
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" danger disabled={!reason.trim()} loading={isPending} onClick={() => mutate({ ...successors, comment: reason.trim() }, { onSuccess: begun })}>
        {t('handover.go', { to: name })}
      </Button>
    </div>
  )
  return (
    <Sheet title={t('handover.ask')} onClose={close} foot={foot}>
      <p>{t('handover.then', { who: user.name, to: name })}</p>
      {user.roles.includes('administrator') && <p className="soft">{t('handover.thenAdmin')}</p>}
      {error && (
        <Sentence tone="bad">
          <p className="lines-of">{say(error)}</p>
        </Sentence>
      )}
      <label className="labelled">
        <span>{t('act.reason')}</span>
        <Input.TextArea value={reason} onChange={(e) => write(e.target.value)} rows={3} maxLength={2000} />
      </label>
    </Sheet>
  )
}
