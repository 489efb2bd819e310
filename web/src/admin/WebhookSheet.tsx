import { useMutation } from '@tanstack/react-query'
import { Button, Form } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { problemOf } from '../api/problem'
import { queries } from '../api/queries'
import type { Field, NewWebhook, Webhook } from '../api/types'
import { useSay } from '../components/Failed'
import { FormFields, type Values } from '../components/form'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { tell } from '../components/told'
import { wordOf } from '../i18n'
import { useProcessTitles } from '../settings/processes'
import { changed, events } from './webhooks'

interface Props {
  /** One that is there already, to be changed. */
  webhook?: Webhook
  /** Is given a new one, with its secret. */
  made?: (webhook: NewWebhook) => void
  close: () => void
}

/** Makes a webhook, or changes where its messages go and what it hears. */
export function WebhookSheet({ webhook, made, close }: Props) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const [form] = Form.useForm<Values>()
  const fields = useFields(webhook)
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (values: Values) => {
      const body = { url: String(values.url ?? '').trim(), events: list(values.events), processes: list(values.processes) }
      if (webhook) {
        changed(await data(api.PATCH('/api/v1/webhooks/{id}', { params: { path: { id: webhook.id } }, body })))
        return
      }
      const fresh = await data(api.POST('/api/v1/webhooks', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body }))
      made?.(fresh) // its secret isn't kept with what was read
      void queries.invalidateQueries({ queryKey: ['webhooks'] })
    },
    onSuccess: () => {
      intent.answered()
      tell(t(webhook ? 'people.saved' : 'webhooks.made'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const problem = error ? problemOf(error) : null
  const word = t(webhook ? 'app.save' : 'webhooks.add')
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" loading={isPending} onClick={() => form.submit()}>
        {word}
      </Button>
    </div>
  )
  const { url, events: heard, processes } = webhook ?? {}
  return (
    <Sheet title={t(webhook ? 'webhooks.change' : 'webhooks.add')} onClose={close} foot={foot}>
      {problem && (
        <Sentence tone="bad">
          <p className="lines-of">{say(problem)}</p>
        </Sentence>
      )}
      <Form form={form} layout="vertical" initialValues={{ url, events: heard, processes }} onFinish={(values: Values) => mutate(values, { onSuccess: close })} scrollToFirstError>
        <FormFields fields={fields} form={form} problem={problem} disabled={isPending} />
      </Form>
      {!webhook && <p className="soft">{t('webhooks.then')}</p>}
    </Sheet>
  )
}

const list = (value: unknown) => (value as string[] | undefined) ?? []

function useFields(webhook: Webhook | undefined): Field[] {
  const { t, i18n } = useTranslation()
  const titles = useProcessTitles()
  const gone = (webhook?.processes ?? []).filter((id) => !titles.has(id))
  const key = JSON.stringify([...[...titles].map(([value, title]) => ({ value, title })), ...gone.map((id) => ({ value: id, title: id }))])
  return useMemo(
    () => [
      { field: 'url', title: t('webhooks.url'), type: 'text', required: true, hint: t('webhooks.urlText') },
      { field: 'events', title: t('webhooks.events'), type: 'choice', many: true, of: events.map((value) => ({ value, title: wordOf('event', value) })), hint: t('webhooks.eventsText') },
      { field: 'processes', title: t('webhooks.processes'), type: 'choice', many: true, of: JSON.parse(key) as { value: string; title: string }[], hint: t('webhooks.processesText') },
    ],
    [t, i18n.language, key], // eslint-disable-line react-hooks/exhaustive-deps -- words change with the language
  )
}
