import { useMutation } from '@tanstack/react-query'
import { Button, Form, Select } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { problemOf } from '../api/problem'
import { queries } from '../api/queries'
import { useMe } from '../api/session'
import type { Absence } from '../api/types'
import { useSay } from '../components/Failed'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { PersonPick } from '../components/form'
import { DateInput } from '../components/form/DateInput'
import { Icon } from '../components/Icon'
import { useProcessTitles } from './processes'
import { tell } from '../components/told'

interface Asked {
  from: string
  to?: string
  stand_in?: string
  processes?: string[]
}

/** The fields of the form, in which the server's refusals are shown. */
const fields = ['from', 'to', 'stand_in', 'processes'] as const

interface Props {
  /** Whose absence it is. */
  user: string
  /** One that is noted already, to be changed. */
  absence?: Absence
  close: () => void
}

/** Notes an absence, one's own or for administrators anybody's; or changes one. */
export function AbsenceSheet({ user, absence, close }: Props) {
  const { t } = useTranslation()
  const me = useMe()
  const say = useSay()
  const intent = useIntent()
  const titles = useProcessTitles()
  const [form] = Form.useForm<Asked>()
  const { mutate, isPending, error } = useMutation({
    mutationFn: (asked: Asked) => {
      if (absence) {
        const body = { from: asked.from, to: asked.to ?? '', stand_in: asked.stand_in ?? '', processes: asked.processes ?? [] }
        return data(api.PATCH('/api/v1/absences/{id}', { params: { path: { id: absence.id } }, body }))
      }
      const body = { ...asked, ...(user !== me.id && { user }) }
      return data(api.POST('/api/v1/absences', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body }))
    },
    onSuccess: () => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['absences'] })
      tell(t(absence ? 'settings.absenceChanged' : 'settings.added'))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const problem = error ? problemOf(error) : null
  useEffect(() => {
    if (problem) form.setFields(fields.flatMap((name) => (problem.of(name) ? [{ name, errors: [problem.of(name) ?? ''] }] : [])))
  }, [problem, form])
  const title = t(absence ? 'settings.changeTitle' : 'settings.add')
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" loading={isPending} onClick={() => form.submit()}>
        {absence ? t('app.save') : title}
      </Button>
    </div>
  )
  const first = absence && { from: absence.from, to: absence.to ?? undefined, stand_in: absence.stand_in ?? undefined, processes: absence.processes }
  return (
    <Sheet title={title} onClose={close} foot={foot}>
      {problem && (
        <Sentence tone="bad">
          <p className="lines-of">{say(problem)}</p>
        </Sentence>
      )}
      <Form form={form} layout="vertical" requiredMark={false} initialValues={first ?? {}} onFinish={(asked: Asked) => mutate(asked, { onSuccess: close })}>
        <Form.Item name="from" label={t('settings.from')} rules={[{ required: true, message: t('settings.fromRequired') }]}>
          <DateInput />
        </Form.Item>
        <Form.Item name="to" label={t('settings.to')} extra={t('settings.openEnd')}>
          <DateInput />
        </Form.Item>
        <Form.Item name="stand_in" label={t('settings.standIn')} extra={t('settings.standInText')}>
          <PersonPick except={[user]} />
        </Form.Item>
        <Form.Item name="processes" label={t('settings.processes')}>
          <Select className="wide" mode="multiple" allowClear={{ label: t('form.clear'), clearIcon: <Icon name="cross" size={14} /> }} placeholder={t('settings.allProcesses')} options={[...titles].map(([value, label]) => ({ value, label }))} />
        </Form.Item>
      </Form>
    </Sheet>
  )
}
