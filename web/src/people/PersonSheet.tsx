import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { problemOf } from '../api/problem'
import { queries } from '../api/queries'
import type { Field, User } from '../api/types'
import { useSay } from '../components/Failed'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { FormFields, type Values } from '../components/form'
import { tell } from '../components/told'
import { isHalf, wholeRoles } from './held'
import { bodyOf, formOf } from './person'
import { useRoles } from './queries'

/** The shortest password that the server takes. */
const shortest = 8

/** Adds a person, or changes one. */
export function PersonSheet({ user, close }: { user?: User; close: () => void }) {
  const { t } = useTranslation()
  const say = useSay()
  const go = useNavigate()
  const intent = useIntent()
  const [form] = Form.useForm<Values>()
  const fields = useFields(user)
  const { mutate, isPending, error } = useMutation({
    mutationFn: (values: Values) => {
      const body = bodyOf(values, user)
      if (user) return data(api.PATCH('/api/v1/users/{id}', { params: { path: { id: user.id } }, body }))
      return data(api.POST('/api/v1/users', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body }))
    },
    onSuccess: (saved) => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['people'] })
      void queries.invalidateQueries({ queryKey: ['user', saved.id] })
      void queries.invalidateQueries({ queryKey: ['roles'] })
      tell(t(user ? 'people.saved' : 'people.made'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const problem = error ? problemOf(error) : null
  const done = ({ id }: { id: string }) => {
    close()
    if (!user) void go(`/people/${id}`)
  }
  const send = (values: Values) => {
    if (!isHalf(values.scoped, ['role', 'value'])) return mutate(values, { onSuccess: done })
    form.setFields([{ name: 'scoped', errors: [t('people.scopedHalf')] }])
    form.scrollToField('scoped', { block: 'center' })
  }
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" loading={isPending} onClick={() => form.submit()}>
        {t(user ? 'app.save' : 'people.add')}
      </Button>
    </div>
  )
  return (
    <Sheet title={t(user ? 'people.change' : 'people.add')} onClose={close} foot={foot}>
      {problem && (
        <Sentence tone="bad">
          <p className="lines-of">{say(problem)}</p>
        </Sentence>
      )}
      <Form form={form} layout="vertical" initialValues={formOf(user)} onFinish={send} scrollToFirstError>
        {!user && (
          <Form.Item name="user" label={t('people.user')} rules={[{ required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, message: t('people.userRequired') }]}>
            <Input autoComplete="off" autoCapitalize="none" />
          </Form.Item>
        )}
        <FormFields fields={fields} form={form} problem={problem} disabled={isPending} />
        <Form.Item
          name="password"
          label={t(user ? 'people.passwordNew' : 'people.password')}
          extra={t(user ? 'people.passwordKeep' : 'people.passwordText')}
          rules={[{ min: shortest, message: t('people.short') }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      </Form>
    </Sheet>
  )
}

/** What a person has, as fields of a form. */
function useFields(user: User | undefined): Field[] {
  const { t, i18n } = useTranslation()
  const roles = useRoles()
  const known = Boolean(user)
  const key = JSON.stringify([...roles].map(([value, title]) => ({ value, title })))
  return useMemo(() => {
    const of = JSON.parse(key) as { value: string; title: string }[]
    const english = i18n.language === 'en'
    const columns = [
      { field: 'role', title: t('people.role'), type: 'choice', of: of.filter(({ value }) => !wholeRoles.includes(value)) },
      { field: 'value', title: t('roles.value'), type: 'text' },
    ]
    return [
      { field: 'name_zh', title: t('people.nameZH'), type: 'text', required: !english && !known },
      { field: 'name_en', title: t('people.nameEN'), type: 'text', required: english && !known },
      { field: 'title_zh', title: t('people.titleZH'), type: 'text' },
      { field: 'title_en', title: t('people.titleEN'), type: 'text' },
      { field: 'department', title: t('people.department'), type: 'department' },
      { field: 'manager', title: t('people.manager'), type: 'person' },
      { field: 'roles', title: t('people.roles'), type: 'choice', many: true, of },
      { field: 'scoped', title: t('people.scoped'), type: 'lines', columns, hint: t('people.scopedText') },
      { field: 'email', title: t('people.email'), type: 'email' },
      { field: 'language', title: t('people.language'), type: 'choice', of: [{ value: 'zh', title: '中文' }, { value: 'en', title: 'English' }] },
    ]
  }, [t, i18n.language, known, key])
}
