import { useQuery } from '@tanstack/react-query'
import { Input } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { Icon } from '../components/Icon'

interface Props {
  filter: { q: string; process: string }
  change: (to: { q: string } | { process: string }) => void
  busy: boolean
  children?: ReactNode
}

/** Narrows a box: a word, a process, and what else it can be narrowed by. Busy while what is typed isn't asked for yet. */
export function Filters({ filter, change, busy, children }: Props) {
  const { t } = useTranslation()
  const { data: processes } = useQuery({
    queryKey: ['definitions'],
    queryFn: () => data(api.GET('/api/v1/definitions', { params: { query: { limit: 200 } } })),
    staleTime: 5 * 60_000,
    select: ({ items }) => items.filter((d) => d.kind === 'process' && d.current),
  })
  return (
    <div className="filters" role="search" aria-busy={busy}>
      <Input
        type="search"
        allowClear
        prefix={<Icon name="search" size={18} />}
        aria-label={t('app.search')}
        placeholder={t('inbox.search')}
        value={filter.q}
        onChange={(e) => change({ q: e.target.value })}
      />
      <select aria-label={t('inbox.process')} value={filter.process} onChange={(e) => change({ process: e.target.value })}>
        <option value="">{t('inbox.anyProcess')}</option>
        {processes?.map((p) => (
          <option key={p.id} value={p.id}>
            {p.title}
          </option>
        ))}
      </select>
      {children}
    </div>
  )
}
