import { useMutation } from '@tanstack/react-query'
import { Button, Form } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { problemOf } from '../api/problem'
import { queries } from '../api/queries'
import { useMe } from '../api/session'
import type { RecordType } from '../api/types'
import { Card } from '../components/Card'
import { useSay } from '../components/Failed'
import { Page } from '../components/Page'
import { Sentence } from '../components/Sentence'
import { emptyOf, FormFields, isEmpty, useUploading, type Values } from '../components/form'
import { useSimilar } from '../start/asked'
import { Kept } from '../start/Kept'
import { SimilarHits } from '../start/SimilarHits'
import { useDraft } from '../task/draft'
import { tell } from '../components/told'

/** The form for a new record, with what is there already and much like it. */
export function NewRecord({ type }: { type: RecordType }) {
  const { t } = useTranslation()
  const say = useSay()
  const go = useNavigate()
  const uploading = useUploading()
  const intent = useIntent()
  const { begun, kept, save, forget } = useDraft(useMe().id, `new.${type.type}`)
  const [form] = Form.useForm<Values>()
  const values: Values = Form.useWatch([], form) ?? begun?.fields ?? {}
  const fields = type.fields.filter((f) => f.writable)
  const { data: hits } = useSimilar(type, values)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (sent: Values) => data(api.POST('/api/v1/records/{type}', { params: { path: { type: type.type }, header: { 'Idempotency-Key': intent.key(sent) } }, body: { fields: sent } })),
    onSuccess: () => {
      intent.answered()
      forget()
      void queries.invalidateQueries({ queryKey: ['records', type.type] })
      tell(t('records.made'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const open = (made: { type: string; id: string }) => void go(`/records/${made.type}/${made.id}`, { replace: true })
  const problem = error ? problemOf(error) : null
  const filled = Object.fromEntries(fields.flatMap((f) => (isEmpty(values[f.field]) ? [] : [[f.field, values[f.field]]])))
  const written = JSON.stringify(filled)
  useEffect(() => {
    save({ comment: '', fields: JSON.parse(written) as Values })
  }, [written, save])
  return (
    <Page title={t('records.new', { type: type.title })} back={`/records/${type.type}`}>
      <Card>
        <Form form={form} layout="vertical" initialValues={begun?.fields ?? {}} onFinish={() => mutate(filled, { onSuccess: open })} scrollToFirstError requiredMark className="fields">
          <FormFields fields={fields} form={form} problem={problem} disabled={isPending} />
        </Form>
        {kept && <Kept clear={() => form.setFieldsValue(emptyOf(fields))} />}
        <SimilarHits hits={hits ?? []} fields={type.fields} />
      </Card>
      <footer className="sendbar">
        {problem && (
          <Sentence tone="bad" title={t('task.refused')}>
            {say(problem)}
          </Sentence>
        )}
        <Button type="primary" size="large" loading={isPending} disabled={uploading} onClick={() => form.submit()}>
          {t('records.make')}
        </Button>
      </footer>
    </Page>
  )
}
