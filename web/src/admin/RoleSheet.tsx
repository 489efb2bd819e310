import { useMutation } from '@tanstack/react-query'
import { Form } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import type { Field, Role } from '../api/types'
import type { Values } from '../components/form'
import { tell } from '../components/told'
import { isHalf, wholeRoles } from '../people/held'
import { bodyOfRole, formOfRole } from './directory'
import { DirectorySheet, useNameFields } from './DirectorySheet'

/** Adds a role, or changes one: what it is called, who holds it for everything, and who for one value only. */
export function RoleSheet({ role, close }: { role?: Role; close: () => void }) {
  const { t } = useTranslation()
  const intent = useIntent()
  const [form] = Form.useForm<Values>()
  const fields = useFields(role)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (values: Values) => {
      const body = bodyOfRole(values, role)
      if (role) return data(api.PATCH('/api/v1/roles/{id}', { params: { path: { id: role.id } }, body }))
      return data(api.POST('/api/v1/roles', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body }))
    },
    onSuccess: () => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['roles'] })
      void queries.invalidateQueries({ queryKey: ['people'] })
      void queries.invalidateQueries({ queryKey: ['user'] })
      tell(t(role ? 'people.saved' : 'roles.made'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const send = (values: Values) => {
    if (!isHalf(values.for, ['value', 'people'])) return mutate(values, { onSuccess: close })
    form.setFields([{ name: 'for', errors: [t('roles.half')] }])
    form.scrollToField('for', { block: 'center' })
  }
  const title = role ? t('roles.changeOne', { name: role.name }) : t('roles.add')
  return <DirectorySheet title={title} word={t(role ? 'app.save' : 'roles.add')} id={role?.id} form={form} fields={fields} first={formOfRole(role)} send={send} busy={isPending} error={error} close={close} />
}

function useFields(role: Role | undefined): Field[] {
  const { t } = useTranslation()
  const names = useNameFields(Boolean(role))
  const whole = role !== undefined && wholeRoles.includes(role.id)
  return useMemo(() => {
    const columns = [
      { field: 'value', title: t('roles.value'), type: 'text' },
      { field: 'people', title: t('roles.people'), type: 'person', many: true },
    ]
    return [
      ...names,
      { field: 'users', title: t('roles.everything'), type: 'person', many: true },
      ...(whole ? [] : [{ field: 'for', title: t('roles.scoped'), type: 'lines', columns, hint: t('roles.scopedText') }]),
    ]
  }, [t, names, whole])
}
