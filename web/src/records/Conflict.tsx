import { useQuery } from '@tanstack/react-query'
import { Button, Radio } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { usePerson } from '../api/people'
import type { Record_ } from '../api/types'
import { Sentence } from '../components/Sentence'
import { titleOf, Value, type Field, type Values } from '../components/form'
import { clashes } from './merge'

interface Props {
  fields: Field[]
  was: Values
  newer: Record_
  mine: Values
  /** Goes on with what is to be written of mine. */
  settle: (chosen: Values) => void
}

/** Somebody else was faster: both versions beside each other, to choose from. */
export function Conflict({ fields, was, newer, mine, settle }: Props) {
  const { t } = useTranslation()
  const { data: history } = useQuery({
    queryKey: ['record', newer.type, newer.id, 'history', 'last', newer.version],
    queryFn: () => data(api.GET('/api/v1/records/{type}/{id}/history', { params: { path: { type: newer.type, id: newer.id }, query: { limit: 1 } } })),
  })
  const by = history?.items[0]?.by
  const who = usePerson(by)?.name ?? by ?? t('app.system')
  const found = clashes(fields, was, newer.fields as Values, mine)
  const [kept, keep] = useState<{ [field: string]: 'theirs' | 'mine' }>({})
  const dropped = Object.entries(kept).flatMap(([field, of]) => (of === 'theirs' ? [field] : []))
  const chosen = Object.fromEntries(Object.entries(mine).filter(([field]) => !dropped.includes(field)))
  return (
    <Sentence tone="warn" title={t('records.conflict', { who })}>
      <p>{t(found.length ? 'records.conflictText' : 'records.conflictFree')}</p>
      {found.map(({ field, theirs, mine: own }) => (
        <fieldset key={field.field} className="clash">
          <legend>{titleOf(field)}</legend>
          <Radio.Group vertical value={kept[field.field] ?? 'mine'} onChange={(e) => keep({ ...kept, [field.field]: e.target.value as 'theirs' | 'mine' })}>
            <Radio value="theirs">
              {t('records.useTheirs')}
              {t('app.of', { name: '' })}
              <Value field={field} value={theirs} />
            </Radio>
            <Radio value="mine">
              {t('records.useYours')}
              {t('app.of', { name: '' })}
              <Value field={field} value={own} />
            </Radio>
          </Radio.Group>
        </fieldset>
      ))}
      <Button type="primary" onClick={() => settle(chosen)}>
        {t('records.save')}
      </Button>
    </Sentence>
  )
}
