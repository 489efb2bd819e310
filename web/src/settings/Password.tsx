import { useMutation } from '@tanstack/react-query'
import { Button, Form, Input } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { problemOf } from '../api/problem'
import { Card } from '../components/Card'
import { useSay } from '../components/Failed'
import { Sentence } from '../components/Sentence'
import { tell } from '../components/told'

interface Asked {
  current: string
  new: string
  repeat: string
}

/** The shortest password that the server takes. */
const shortest = 8

/** Changes the password. */
export function Password() {
  const { t } = useTranslation()
  const say = useSay()
  const [form] = Form.useForm<Asked>()
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: { current: string; new: string }) => data(api.POST('/api/v1/session/password', { body })),
    retry: false,
    onSuccess: () => {
      form.resetFields()
      tell(t('settings.changed'))
    },
  })
  const problem = error ? problemOf(error) : null
  useEffect(() => {
    if (problem) form.setFields(['current', 'new'].flatMap((name) => (problem.of(name) ? [{ name: name as 'current', errors: [problem.of(name) ?? ''] }] : [])))
  }, [problem, form])
  return (
    <Card title={t('settings.password')}>
      <p className="soft">{t('settings.passwordText')}</p>
      {problem && !problem.errors.length && <Sentence tone="bad">{say(problem)}</Sentence>}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(asked: Asked) => mutate({ current: asked.current, new: asked.new })}>
        <Form.Item name="current" label={t('settings.current')} rules={[{ required: true, message: t('settings.currentRequired') }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label={t('settings.fresh')} rules={[{ required: true, min: shortest, message: t('settings.short') }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="repeat"
          label={t('settings.repeat')}
          dependencies={['new']}
          rules={[({ getFieldValue }) => ({ validator: (_, value) => (value === getFieldValue('new') ? Promise.resolve() : Promise.reject(new Error(t('settings.differs')))) })]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button htmlType="submit" loading={isPending}>
          {t('settings.change')}
        </Button>
      </Form>
    </Card>
  )
}
