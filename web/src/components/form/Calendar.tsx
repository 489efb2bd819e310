import { DatePicker } from 'antd'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { useTranslation } from 'react-i18next'
import type { Bound } from './Pick'

/** A calendar to choose from, open where the company's day is, as text: 2026-10-08 or 2026-10-08T18:00. */
export default function Calendar({ moment, today, value, onChange, ...bound }: Bound<string> & { moment?: boolean | undefined; today: string | undefined }) {
  const { t } = useTranslation()
  const format = moment ? 'YYYY-MM-DD HH:mm' : 'YYYY-MM-DD'
  return (
    <DatePicker
      {...bound}
      className="wide"
      format={format}
      showTime={moment ? { format: 'HH:mm', minuteStep: 5 } : false}
      value={value ? dayjs(value) : null}
      showNow={false} // the machine's, which may stand in another zone than the company
      {...(today && { defaultPickerValue: dayjs(today) })}
      placeholder={t(moment ? 'form.datetime' : 'form.date')}
      onChange={(to) => onChange?.(to ? to.format(moment ? 'YYYY-MM-DDTHH:mm' : 'YYYY-MM-DD') : undefined)}
    />
  )
}
