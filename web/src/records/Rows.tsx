import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Record_, RecordType } from '../api/types'
import { useDesk } from '../app/media'
import { isEmpty, titleOf, Value, type Field } from '../components/form'
import { columnsOf } from './queries'

interface Props {
  type: RecordType
  records: Record_[]
  more: boolean
  loading: boolean
  next: () => void
}

/** How many fields a row shows beside what the record is called. */
const onDesk = 5
const onPhone = 4

/** A list of any length with only what can be seen in the document: a table on a desk, cards on a phone. */
export function Rows({ type, records, more, loading, next }: Props) {
  const { t } = useTranslation()
  const desk = useDesk()
  const place = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(place.current?.offsetTop ?? 0), [])
  const list = useWindowVirtualizer({ count: records.length, estimateSize: () => (desk ? 56 : 110), overscan: 8, scrollMargin: top, getItemKey: (i) => records[i]?.id ?? i })
  const seen = list.getVirtualItems()
  const last = seen.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && !loading && last >= records.length - 10) next()
  }, [more, loading, last, records.length, next])
  const columns = columnsOf(type, desk ? onDesk : onPhone)
  return (
    <>
      {desk && (
        <div className="record head" style={{ '--columns': columns.length } as React.CSSProperties} aria-hidden="true">
          <span>{t('records.name')}</span>
          {columns.map((c) => (
            <span key={c.field} className={isFigure(c) ? 'right' : undefined}>
              {titleOf(c)}
            </span>
          ))}
        </div>
      )}
      <div ref={place} className="tasks" style={{ height: list.getTotalSize() }} role="list">
        {seen.map(({ key, index, start }) => {
          const record = records[index]
          return (
            record && (
              <div key={key} data-index={index} ref={list.measureElement} className="virtual" style={{ transform: `translateY(${start - top}px)` }} role="listitem">
                <Row record={record} columns={columns} desk={desk} />
              </div>
            )
          )
        })}
      </div>
      <p className="soft end">{loading ? t('inbox.more') : !more && records.length > 20 ? t('inbox.end') : ''}</p>
    </>
  )
}

const isFigure = (field: Field) => ['money', 'number', 'percent'].includes(field.type)

function Row({ record, columns, desk }: { record: Record_; columns: Field[]; desk: boolean }) {
  const values = record.fields as { [field: string]: unknown }
  const facts = desk ? columns : columns.filter((c) => !isEmpty(values[c.field]))
  return (
    <article className="record" style={{ '--columns': columns.length } as React.CSSProperties}>
      <div className="what">
        <Link to={`/records/${record.type}/${record.id}`} className="cover">
          {record.title || record.number || record.id}
        </Link>
        {record.number && record.number !== record.title && <small className="soft figure">{record.number}</small>}
      </div>
      {facts.map((c) => (
        <span key={c.field} className={isFigure(c) ? 'fact right' : 'fact'}>
          {!desk && <small className="soft">{titleOf(c)}</small>}
          {isEmpty(values[c.field]) ? <span className="soft">–</span> : <Value field={c} value={values[c.field]} />}
        </span>
      ))}
    </article>
  )
}
