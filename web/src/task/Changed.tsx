import { useTranslation } from 'react-i18next'
import { Sentence } from '../components/Sentence'
import { same, titleOf, Value, type Field } from '../components/form'

/** A field that is not as it was shown. */
export interface Difference {
  field: Field
  was: unknown
  now: unknown
}

/** What differs between what was shown and what there is. */
export function differences(was: Field[], now: Field[]): Difference[] {
  return now.flatMap((field) => {
    const before = was.find((f) => f.field === field.field)?.value
    return same(before, field.value) ? [] : [{ field, was: before, now: field.value }]
  })
}

/** What changed while the reader was looking, so that they decide on what there is. */
export function Changed({ differences: found }: { differences: Difference[] }) {
  const { t } = useTranslation()
  return (
    <Sentence tone="warn" title={t('task.changed')}>
      <p>{t('task.changedText')}</p>
      {found.length === 0 ? (
        <p>{t('task.changedElse')}</p>
      ) : (
        <dl className="differences">
          {found.map(({ field, was, now }) => (
            <div key={field.field}>
              <dt>{titleOf(field)}</dt>
              <dd>
                <small>{t('task.changedWas')}</small> <Value field={field} value={was} />
              </dd>
              <dd>
                <small>{t('task.changedNow')}</small>{' '}
                <b>
                  <Value field={field} value={now} />
                </b>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Sentence>
  )
}
