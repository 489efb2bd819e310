import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk } from '../app/media'
import type { Row } from './rows'

interface Props<Of> {
  rows: Row<Of>[]
  chosen: number
  show: (of: Of, n: number) => ReactNode
  more: boolean
  loading: boolean
  next: () => void
}

/** A list of any length with only what can be seen in the document. */
export function List<Of extends { id: string }>({ rows, chosen, show, more, loading, next }: Props<Of>) {
  const { t } = useTranslation()
  const desk = useDesk()
  const place = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => setTop(place.current?.offsetTop ?? 0), [])
  const list = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (i) => ('heading' in (rows[i] ?? {}) ? 40 : desk ? 66 : 104),
    overscan: 6,
    scrollMargin: top,
    getItemKey: (i) => {
      const row = rows[i]
      return !row ? i : 'heading' in row ? row.heading : row.of.id
    },
  })
  const seen = list.getVirtualItems()
  const last = seen.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && !loading && last >= rows.length - 10) next()
  }, [more, loading, last, rows.length, next])
  useEffect(() => {
    if (chosen < 0) return
    const i = rows.findIndex((row) => 'of' in row && row.n === chosen)
    if (i >= 0) list.scrollToIndex(i, { align: 'auto' })
    // only a move scrolls, not what arrives
  }, [chosen]) // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <>
      <div ref={place} role="list" className="tasks" style={{ height: list.getTotalSize() }}>
        {seen.map(({ key, index, start }) => {
          const row = rows[index]
          if (!row) return null
          return (
            <div key={key} data-index={index} ref={list.measureElement} role="listitem" className="virtual" style={{ transform: `translateY(${start - top}px)` }}>
              {'heading' in row ? <h2 className={`heading ${row.heading}`}>{t(`inbox.${row.heading}`)}</h2> : show(row.of, row.n)}
            </div>
          )
        })}
      </div>
      <p className="soft end">{loading ? t('inbox.more') : !more && rows.length > 20 ? t('inbox.end') : ''}</p>
    </>
  )
}
