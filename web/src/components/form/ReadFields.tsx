import { useTranslation } from 'react-i18next'
import { isEmpty, titleOf, type Field } from './field'
import { wide } from './FormFields'
import { Value } from './Value'

/** Fields for reading. Empty ones are left out unless they are all there is. */
export function ReadFields({ fields, all = false }: { fields: Field[]; all?: boolean }) {
  const { t } = useTranslation()
  const shown = all ? fields : fields.filter((f) => !isEmpty(f.value))
  if (!shown.length) return <p className="soft">{t('task.nothing')}</p>
  return (
    <dl className="facts">
      {shown.map((field) => (
        <div key={field.field} className={wide(field) || isLong(field.value) ? 'span' : undefined}>
          <dt>{titleOf(field)}</dt>
          <dd>
            <Value field={field} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > 40
}
