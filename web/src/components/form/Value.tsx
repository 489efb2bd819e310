import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { api, data } from '../../api/client'
import { useDepartments } from '../../api/people'
import type { FileRef, Reference } from '../../api/types'
import { sayDay, sayMoment, useClock } from '../../app/time'
import { Name } from '../Person'
import { choiceTitle, isEmpty, isMoney, sayMoney, sayNumber, type Field } from './field'
import { FileLink } from './FileLink'
import { History } from './History'
import { LinesTable } from './LinesTable'

/** A value for reading. */
export function Value({ field, value = field.value }: { field: Field; value?: unknown }) {
  const { t } = useTranslation()
  if (isEmpty(value)) return <span className="soft">{t('form.empty')}</span>
  if (field.field === 'price_history') return <History quotes={value as Parameters<typeof History>[0]['quotes']} />
  if (field.type === 'lines') return <LinesTable field={field} lines={value as { [column: string]: unknown }[]} />
  if (Array.isArray(value)) {
    const inLine = field.type !== 'file'
    return (
      <span className={inLine ? 'values' : 'values files'}>
        {value.map((one, i) => (
          <span key={i}>
            <One field={field} value={one} />
            {inLine && i < value.length - 1 && t('app.list')}
          </span>
        ))}
      </span>
    )
  }
  return <One field={field} value={value} />
}

function One({ field, value }: { field: Field; value: unknown }) {
  const { t } = useTranslation()
  const clock = useClock()
  if (isMoney(value)) return <span className="figure">{sayMoney(value)}</span>
  switch (field.type) {
    case 'number':
      return <span className="figure">{typeof value === 'number' ? sayNumber(value) : String(value)}</span>
    case 'percent':
      return <span className="figure">{typeof value === 'number' ? sayNumber(value) + ' %' : String(value)}</span>
    case 'yes_no':
      return <>{value ? t('app.yes') : t('app.no')}</>
    case 'date':
      return <span className="figure">{sayDay(String(value))}</span>
    case 'datetime':
      return <span className="figure">{sayMoment(String(value), clock)}</span>
    case 'choice':
      return <>{choiceTitle(field, String(value))}</>
    case 'person':
      return <Name id={String(value)} />
    case 'department':
      return <Department id={String(value)} />
    case 'phone':
      return /[*]/.test(String(value)) ? <>{String(value)}</> : <a href={'tel:' + String(value).replace(/[^\d+]/g, '')}>{String(value)}</a>
    case 'email':
      return <a href={'mailto:' + String(value)}>{String(value)}</a>
    case 'reference':
      return <RecordLink to={value as Reference} />
    case 'file':
      return <FileLink file={value as FileRef} />
  }
  return <span className={field.long ? 'long' : undefined}>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</span>
}

/** A department's name. */
export function Department({ id }: { id: string }) {
  return <>{useDepartments().get(id)?.name ?? id}</>
}

/** A link to a record, by what people call it. */
export function RecordLink({ to }: { to: Reference }) {
  const { data: record } = useQuery({
    queryKey: ['record', to.type, to.id],
    queryFn: () => data(api.GET('/api/v1/records/{type}/{id}', { params: { path: { type: to.type, id: to.id } } })),
    enabled: !to.title,
    retry: false,
  })
  return <Link to={`/records/${to.type}/${to.id}`}>{to.title || record?.title || to.id}</Link>
}
