import { Input } from 'antd'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { Phrases } from './Phrases'

interface Props {
  value: string
  onChange: (to: string) => void
  required?: boolean
  wrong?: string
  kept?: boolean
}

/** What somebody has to say about it. */
export function Comment({ value, onChange, required = false, wrong = '', kept = false }: Props) {
  const { t } = useTranslation()
  const id = useId()
  return (
    <div className="labelled">
      <label htmlFor={id}>{t(required ? 'task.commentRequired' : 'task.commentOptional')}</label>
      <Input.TextArea id={id} value={value} onChange={(e) => onChange(e.target.value)} placeholder={t('task.commentHint')} rows={2} maxLength={10_000} status={wrong ? 'error' : ''} aria-required={required} />
      {wrong && (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      )}
      <Phrases value={value} onChange={onChange} refusing={required} />
      {kept && <p className="soft small">{t('task.draft')}</p>}
    </div>
  )
}
