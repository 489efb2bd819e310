import { Input } from 'antd'
import { useTranslation } from 'react-i18next'
import { useMe } from '../api/session'
import type { RecordType } from '../api/types'
import { Icon } from '../components/Icon'
import { PersonPick, titleOf } from '../components/form'
import { choicesOf } from '../components/form/field'
import { choicesIn, type Filter } from './queries'

/** Narrows a list of records: a word, whose they are, and any field with choices. */
export function Filters({ type, filter, change }: { type: RecordType; filter: Filter; change: (to: Partial<Filter>) => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const set = (field: string, value: string) => change({ fields: { ...filter.fields, [field]: value } })
  const owned = type.fields.some((f) => f.field === 'owner' && f.type === 'person')
  return (
    <div className="filters" role="search">
      <Input
        type="search"
        allowClear
        prefix={<Icon name="search" size={18} />}
        aria-label={t('app.search')}
        placeholder={t('records.search')}
        value={filter.q}
        onChange={(e) => change({ q: e.target.value })}
      />
      {choicesIn(type).map((field) => (
        <select key={field.field} aria-label={titleOf(field)} value={filter.fields[field.field] ?? ''} onChange={(e) => set(field.field, e.target.value)}>
          <option value="">{t('records.any', { field: titleOf(field) })}</option>
          {choicesOf(field).map((c) => (
            <option key={c.value} value={c.value}>
              {c.title}
            </option>
          ))}
        </select>
      ))}
      {owned && (
        <>
          <button type="button" className="chip" aria-pressed={filter.fields.owner === me.id} onClick={() => set('owner', filter.fields.owner === me.id ? '' : me.id)}>
            {t('records.mine')}
          </button>
          <span className="pick">
            <PersonPick aria-label={t('records.owner')} {...(filter.fields.owner && { value: filter.fields.owner })} onChange={(to) => set('owner', typeof to === 'string' ? to : '')} placeholder={t('records.anyOwner')} />
          </span>
        </>
      )}
    </div>
  )
}
