import { useMutation } from '@tanstack/react-query'
import { Button, Form, Select } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { problemOf } from '../api/problem'
import { queries } from '../api/queries'
import { useMe } from '../api/session'
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

/** Notes an absence of one's own. */
export function AbsenceSheet({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const say = useSay()
  const intent = useIntent()
  const titles = useProcessTitles()
  const [form] = Form.useForm<Asked>()
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Asked) => data(api.POST('/api/v1/absences', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body })),
    onSuccess: () => {
      intent.answered()
      void queries.invalidateQueries({ queryKey: ['absences'] })
      tell(t('settings.added'))
      close()
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" loading={isPending} onClick={() => form.submit()}>
        {t('settings.add')}
      </Button>
    </div>
  )
  return (
    <Sheet title={t('settings.add')} onClose={close} foot={foot}>
      {error && <Sentence tone="bad">{say(problemOf(error))}</Sentence>}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(asked: Asked) => mutate(asked)}>
        <Form.Item name="from" label={t('settings.from')} rules={[{ required: true, message: t('settings.fromRequired') }]}>
          <DateInput />
        </Form.Item>
        <Form.Item name="to" label={t('settings.to')} extra={t('settings.openEnd')}>
          <DateInput />
        </Form.Item>
        <Form.Item name="stand_in" label={t('settings.standIn')} extra={t('settings.standInText')}>
          <PersonPick except={[me.id]} />
        </Form.Item>
        <Form.Item name="processes" label={t('settings.processes')}>
          <Select className="wide" mode="multiple" allowClear={{ label: t('form.clear'), clearIcon: <Icon name="cross" size={14} /> }} placeholder={t('settings.allProcesses')} options={[...titles].map(([value, label]) => ({ value, label }))} />
        </Form.Item>
      </Form>
    </Sheet>
  )
}
