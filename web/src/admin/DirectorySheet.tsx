import { Button, Form, Input, type FormInstance } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Field } from '../api/types'
import { useSay } from '../components/Failed'
import { FormFields, type Values } from '../components/form'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'

interface Props {
  title: string
  /** What the button says. */
  word: string
  /** Of something that is there already; an id is never changed. */
  id: string | undefined
  form: FormInstance<Values>
  fields: Field[]
  first: Values
  send: (values: Values) => void
  busy: boolean
  error: unknown
  close: () => void
}

/** The form of something in the directory that has an id and a name. */
export function DirectorySheet({ title, word, id, form, fields, first, send, busy, error, close }: Props) {
  const { t } = useTranslation()
  const say = useSay()
  const problem = error ? problemOf(error) : null
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" loading={busy} onClick={() => form.submit()}>
        {word}
      </Button>
    </div>
  )
  return (
    <Sheet title={title} onClose={close} foot={foot}>
      {problem && (
        <Sentence tone="bad">
          <p className="lines-of">{say(problem)}</p>
        </Sentence>
      )}
      <Form form={form} layout="vertical" initialValues={first} onFinish={send} scrollToFirstError>
        <Form.Item
          name="id"
          label={t('directory.id')}
          extra={t('directory.idText')}
          rules={id ? [] : [{ required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, message: t('directory.idRequired') }]}
        >
          <Input autoComplete="off" autoCapitalize="none" {...(id && { readOnly: true, variant: 'filled' as const })} />
        </Form.Item>
        <FormFields fields={fields} form={form} problem={problem} disabled={busy} />
      </Form>
    </Sheet>
  )
}

/** A name in each language; of something new the reader's own is needed. */
export function useNameFields(known: boolean): Field[] {
  const { t, i18n } = useTranslation()
  const english = i18n.language === 'en'
  return useMemo(
    () => [
      { field: 'name_zh', title: t('directory.nameZH'), type: 'text', required: !english && !known },
      { field: 'name_en', title: t('directory.nameEN'), type: 'text', required: english && !known },
    ],
    [t, english, known],
  )
}
