import { Input, Select, Switch } from 'antd'
import { useTranslation } from 'react-i18next'
import type { FileRef, Money, Reference } from '../../api/types'
import { DateInput } from './DateInput'
import { choicesOf, type Field } from './field'
import { FileInput } from './FileInput'
import { Icon } from '../Icon'
import { LinesInput } from './LinesInput'
import { MoneyInput, NumberInput } from './Numbers'
import { DepartmentPick, PersonPick, ReferencePick, type Bound } from './Pick'

/** From how many choices on one may type to find one: the list shows about so many at once. */
const manyChoices = 10

/** The one input of a field. What it takes and gives is the API's own value, so nothing is translated in between. */
export function FieldInput({ field, ...bound }: Bound<unknown> & { field: Field }) {
  const { t } = useTranslation()
  switch (field.type) {
    case 'number':
    case 'percent':
      if (!field.many) return <NumberInput {...(bound as Bound<number>)} percent={field.type === 'percent'} />
      break
    case 'money':
      return <MoneyInput {...(bound as Bound<Money>)} />
    case 'date':
    case 'datetime':
      return <DateInput {...(bound as Bound<string>)} moment={field.type === 'datetime'} />
    case 'yes_no': {
      const { value, onChange, ...rest } = bound
      return <Switch {...rest} checked={value === true} onChange={onChange} />
    }
    case 'choice':
      return (
        <Select
          {...(bound as Bound<string>)}
          className="wide"
          mode={field.many ? 'multiple' : undefined}
          {...((field.many || choicesOf(field).length >= manyChoices) && { showSearch: { optionFilterProp: 'label' } })}
          allowClear={{ label: t('form.clear'), clearIcon: <Icon name="cross" size={14} /> }}
          placeholder={t('form.choose')}
          options={choicesOf(field).map((c) => ({ value: c.value, label: c.title }))}
        />
      )
    case 'person':
      return <PersonPick {...(bound as Bound<string | string[]>)} many={field.many ?? false} />
    case 'department':
      return <DepartmentPick {...(bound as Bound<string | string[]>)} many={field.many ?? false} only={choicesOf(field).map((c) => c.value)} />
    case 'reference':
      return <ReferencePick {...(bound as Bound<Reference | Reference[]>)} many={field.many ?? false} to={field.to ?? field.field} />
    case 'file':
      return <FileInput {...(bound as Bound<FileRef | FileRef[]>)} field={field} />
    case 'lines':
      return <LinesInput {...(bound as Bound<{ [column: string]: unknown }[]>)} field={field} />
  }
  return <TextInput {...bound} field={field} />
}

/** Text, long or short, and what is text to the browser: telephone numbers and addresses. */
function TextInput({ field, value, onChange, ...bound }: Bound<unknown> & { field: Field }) {
  if (field.many) {
    return <Select {...bound} className="wide" mode="tags" value={(value as string[] | undefined) ?? []} onChange={(to: string[]) => onChange?.(to.length ? to : undefined)} />
  }
  const text = typeof value === 'string' ? value : ''
  const give = (to: string) => onChange?.(to === '' ? undefined : to)
  if (field.long) return <Input.TextArea {...bound} value={text} rows={3} onChange={(e) => give(e.target.value)} />
  const type = field.type === 'phone' ? 'tel' : field.type === 'email' ? 'email' : 'text'
  return <Input {...bound} type={type} inputMode={type} value={text} onChange={(e) => give(e.target.value)} />
}
