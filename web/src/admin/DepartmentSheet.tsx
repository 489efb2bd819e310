import { useMutation } from '@tanstack/react-query'
import { Form } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { useDepartments } from '../api/people'
import { queries } from '../api/queries'
import type { Department, Field } from '../api/types'
import type { Values } from '../components/form'
import { tell } from '../components/told'
import { bodyOfDepartment, formOfDepartment } from './directory'
import { DirectorySheet, useNameFields } from './DirectorySheet'

/** Adds a department, or changes one: what it is called and stands under, who heads it, who is in charge of it. */
export function DepartmentSheet({ department, close }: { department?: Department; close: () => void }) {
  const { t } = useTranslation()
  const intent = useIntent()
  const [form] = Form.useForm<Values>()
  const fields = useFields(department)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (values: Values) => {
      const body = bodyOfDepartment(values, department)
      if (department) return data(api.PATCH('/api/v1/departments/{id}', { params: { path: { id: department.id } }, body }))
      return data(api.POST('/api/v1/departments', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body }))
    },
    onSuccess: () => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['departments'] })
      tell(t(department ? 'people.saved' : 'departments.made'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const title = department ? t('departments.changeOne', { name: department.name }) : t('departments.add')
  return (
    <DirectorySheet
      title={title}
      word={t(department ? 'app.save' : 'departments.add')}
      id={department?.id}
      form={form}
      fields={fields}
      first={formOfDepartment(department)}
      send={(values) => mutate(values, { onSuccess: close })}
      busy={isPending}
      error={error}
      close={close}
    />
  )
}

function useFields(department: Department | undefined): Field[] {
  const { t } = useTranslation()
  const names = useNameFields(Boolean(department))
  const others = [...useDepartments().keys()].filter((id) => id !== department?.id).join()
  return useMemo(
    () => [
      ...names,
      { field: 'parent', title: t('departments.parent'), type: 'department', of: others.split(',') },
      { field: 'head', title: t('departments.head'), type: 'person', hint: t('departments.headText') },
      { field: 'in_charge', title: t('departments.inCharge'), type: 'person', hint: t('departments.inChargeText') },
    ],
    [t, names, others],
  )
}
