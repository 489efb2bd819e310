import { useMutation } from '@tanstack/react-query'
import { Form } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import type { Field, Group } from '../api/types'
import type { Values } from '../components/form'
import { tell } from '../components/told'
import { bodyOfGroup, formOfGroup } from './directory'
import { DirectorySheet, useNameFields } from './DirectorySheet'

/** Adds a group, or changes one: what it is called, and who is in it. */
export function GroupSheet({ group, close }: { group?: Group; close: () => void }) {
  const { t } = useTranslation()
  const intent = useIntent()
  const [form] = Form.useForm<Values>()
  const names = useNameFields(Boolean(group))
  const fields = useMemo((): Field[] => [...names, { field: 'members', title: t('groups.members'), type: 'person', many: true }], [names, t])
  const { mutate, isPending, error } = useMutation({
    mutationFn: (values: Values) => {
      const body = bodyOfGroup(values, group)
      if (group) return data(api.PATCH('/api/v1/groups/{id}', { params: { path: { id: group.id } }, body }))
      return data(api.POST('/api/v1/groups', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body }))
    },
    onSuccess: () => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['groups'] })
      tell(t(group ? 'people.saved' : 'groups.made'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const title = group ? t('groups.changeOne', { name: group.name }) : t('groups.add')
  const send = (values: Values) => mutate(values, { onSuccess: close })
  return <DirectorySheet title={title} word={t(group ? 'app.save' : 'groups.add')} id={group?.id} form={form} fields={fields} first={formOfGroup(group)} send={send} busy={isPending} error={error} close={close} />
}
