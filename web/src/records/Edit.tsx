import { useMutation } from '@tanstack/react-query'
import { Button, Form } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { problemOf } from '../api/problem'
import { queries } from '../api/queries'
import type { Record_, RecordType } from '../api/types'
import { useSay } from '../components/Failed'
import { Icon } from '../components/Icon'
import { Sentence } from '../components/Sentence'
import { changesOf, FormFields, titleOf, useUploading, Value, valuesOf, type Field, type Values } from '../components/form'
import { Conflict } from './Conflict'
import { fieldsOf } from './queries'
import { tell } from '../components/told'

/** A record that is being changed. What somebody else changed meanwhile is shown beside one's own, and nothing that was filled in is lost. */
export function Edit({ type, record, close }: { type: RecordType; record: Record_; close: () => void }) {
  const { t } = useTranslation()
  const say = useSay()
  const [form] = Form.useForm<Values>()
  const uploading = useUploading()
  const [base, rebase] = useState(record) // the version that the changes are made on
  const [newer, meet] = useState<Record_>()
  const locked = new Map((base.locked ?? []).map((l) => [l.field, l.because]))
  const all = fieldsOf(type, base)
  const isOpen = (f: Field & { writable?: boolean }) => f.writable !== false && !locked.has(f.field)
  const open = all.filter(isOpen)
  const [first] = useState(() => valuesOf(open))
  const { mutate, isPending, error } = useMutation({
    mutationFn: ({ version, fields }: { version: number; fields: Values }) =>
      data(
        api.PATCH('/api/v1/records/{type}/{id}', {
          params: { path: { type: record.type, id: record.id }, header: { 'If-Match': `"${version}"` } },
          body: { fields },
        }),
      ),
    retry: false, // a change that arrived without an answer is a conflict with oneself, and shown as one
    onSuccess: (saved) => {
      queries.setQueryData(['record', record.type, record.id], (old: Record_ | undefined) => ({ ...saved, locked: old?.locked ?? [] }))
      void queries.invalidateQueries({ queryKey: ['record', record.type, record.id] })
      void queries.invalidateQueries({ queryKey: ['records', record.type] })
      tell(t('records.saved'))
    },
    onError: async (thrown) => {
      if (problemOf(thrown).code !== 'version_conflict') return
      meet(await data(api.GET('/api/v1/records/{type}/{id}', { params: { path: { type: record.type, id: record.id } } })))
    },
  })
  const problem = error ? problemOf(error) : null
  const mine = () => changesOf(open, form.getFieldsValue(true) as Values)
  const save = () => {
    const fields = mine()
    if (!Object.keys(fields).length) {
      tell(t('records.nothing'))
      close()
      return
    }
    mutate({ version: base.version, fields }, { onSuccess: close })
  }
  const settle = (chosen: Values) => {
    if (!newer) return
    const theirs = newer.fields as Values
    form.setFieldsValue(Object.fromEntries(open.map((f) => [f.field, f.field in chosen ? (chosen[f.field] ?? undefined) : theirs[f.field]])))
    rebase(newer)
    meet(undefined)
    if (Object.keys(chosen).length) mutate({ version: newer.version, fields: chosen }, { onSuccess: close })
    else {
      queries.setQueryData(['record', record.type, record.id], newer)
      close()
    }
  }
  return (
    <>
      {newer && <Conflict fields={open} was={base.fields as Values} newer={newer} mine={mine()} settle={settle} />}
      {problem && problem.code !== 'version_conflict' && (
        <Sentence tone="bad" title={t('task.refused')}>
          {say(problem)}
        </Sentence>
      )}
      <Form form={form} layout="vertical" initialValues={first} onFinish={save} scrollToFirstError requiredMark={false} className="fields">
        <FormFields fields={open} form={form} problem={problem} disabled={isPending} />
      </Form>
      <Closed fields={all.filter((f) => !isOpen(f))} why={locked} />
      <div className="buttons">
        <Button onClick={close}>{t('app.cancel')}</Button>
        <Button type="primary" loading={isPending} disabled={Boolean(newer) || uploading} onClick={() => form.submit()}>
          {t('records.save')}
        </Button>
      </div>
    </>
  )
}

/** Fields that can't be changed now, and why. */
function Closed({ fields, why }: { fields: Field[]; why: Map<string, string> }) {
  const { t } = useTranslation()
  if (!fields.length) return null
  return (
    <div className="closed">
      <h3>
        <Icon name="alert" size={16} /> {t('records.locked')}
      </h3>
      <dl className="facts">
        {fields.map((field) => (
          <div key={field.field}>
            <dt>{titleOf(field)}</dt>
            <dd>
              <Value field={field} />
              <small className="soft">{why.get(field.field) ?? t('records.owned')}</small>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
