import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { usePerson } from '../api/people'
import { queries } from '../api/queries'
import { useSay } from '../components/Failed'
import { PersonPick } from '../components/form'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { tell } from '../components/told'

/** Gives a task for which nobody was found to somebody, with a reason. */
export function AssignSheet({ task, close }: { task: string; close: () => void }) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const [to, choose] = useState<string>()
  const [comment, write] = useState('')
  const person = usePerson(to)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: { to: string; comment: string }) => data(api.POST('/api/v1/tasks/{id}/assign', { params: { path: { id: task }, header: { 'Idempotency-Key': intent.key(body) } }, body })),
    onSuccess: (_, { to: who }) => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['stuck'] })
      tell(t('stuck.assigned', { who: person?.name ?? who }))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const words = comment.trim()
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" disabled={!to || !words} loading={isPending} onClick={() => to && mutate({ to, comment: words }, { onSuccess: close })}>
        {t('stuck.assign')}
      </Button>
    </div>
  )
  return (
    <Sheet title={t('stuck.assign')} onClose={close} foot={foot}>
      <p>{t('stuck.assignThen')}</p>
      {error && (
        <Sentence tone="bad">
          <p className="lines-of">{say(error)}</p>
        </Sentence>
      )}
      <div className="labelled">
        <label htmlFor="assign-to">{t('stuck.assignTo')}</label>
        <PersonPick id="assign-to" value={to} onChange={(who) => choose(who as string | undefined)} />
      </div>
      <label className="labelled">
        <span>{t('act.reason')}</span>
        <Input.TextArea value={comment} onChange={(e) => write(e.target.value)} rows={3} maxLength={2000} />
      </label>
    </Sheet>
  )
}
