import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../../api/client'
import { findPeople, useDepartments, usePeople } from '../../api/people'
import type { Reference } from '../../api/types'
import { useRested } from '../../app/rested'
import { Icon } from '../Icon'

/** What an input of a form is given by it. */
export interface Bound<T> {
  id?: string
  value?: T
  onChange?: (value: T | undefined) => void
  disabled?: boolean
  'aria-label'?: string
}

const asList = (value: string | string[] | undefined): string[] => (Array.isArray(value) ? value : value ? [value] : [])

/** Chooses people by name. */
export function PersonPick({ many, except = [], onChange, value, placeholder, ...bound }: Bound<string | string[]> & { many?: boolean; except?: string[]; placeholder?: string }) {
  const { t } = useTranslation()
  const [typed, type] = useState('')
  const q = useRested(typed)
  const { data: found, isFetching } = useQuery({ queryKey: ['people', q], queryFn: () => findPeople(q), staleTime: 60_000 })
  const chosen = usePeople(asList(value))
  const known = new Map([...chosen, ...(found ?? []).map((u) => [u.id, u] as const)])
  return (
    <Select
      {...bound}
      className="wide"
      mode={many ? 'multiple' : undefined}
      value={value}
      onChange={(to: string | string[] | undefined) => {
        type('')
        onChange?.(to)
      }}
      showSearch={{ filterOption: false, onSearch: type, searchValue: typed }}
      allowClear={{ label: t('form.clear'), clearIcon: <Icon name="cross" size={14} /> }}
      loading={isFetching}
      placeholder={placeholder ?? t('form.person')}
      notFoundContent={isFetching ? t('state.loading') : t('form.notFound')}
      options={[...known.values()].filter((u) => (u.active !== false || chosen.has(u.id)) && !except.includes(u.id)).map((u) => ({ value: u.id, label: u.name, sub: u.title }))}
      optionRender={(o) => (
        <span className="option">
          {o.data.label} <small>{o.data.sub}</small>
        </span>
      )}
    />
  )
}

/** Chooses departments; where only some are meant, one of these. */
export function DepartmentPick({ many, only, ...bound }: Bound<string | string[]> & { many?: boolean; only?: string[] }) {
  const { t } = useTranslation()
  const all = [...useDepartments().values()].filter((d) => !only?.length || only.includes(d.id))
  return (
    <Select
      {...bound}
      className="wide"
      mode={many ? 'multiple' : undefined}
      showSearch={{ optionFilterProp: 'label' }}
      allowClear={{ label: t('form.clear'), clearIcon: <Icon name="cross" size={14} /> }}
      placeholder={t('form.department')}
      notFoundContent={t('form.notFound')}
      options={all.map((d) => ({ value: d.id, label: d.name }))}
    />
  )
}

/** Chooses a record of a type by its title or number. */
export function ReferencePick({ to, many, value, onChange, ...bound }: Bound<Reference | Reference[]> & { to: string; many?: boolean }) {
  const { t } = useTranslation()
  const [typed, type] = useState('')
  const q = useRested(typed)
  const { data: found, isFetching } = useQuery({
    queryKey: ['records', to, 'pick', q],
    queryFn: () => data(api.GET('/api/v1/records/{type}', { params: { path: { type: to }, query: { q: q || undefined, limit: 20 } } })),
    staleTime: 30_000,
  })
  const chosen = Array.isArray(value) ? value : value ? [value] : []
  const known = new Map(chosen.map((r): [string, Reference & { number: string }] => [r.id, { ...r, number: '' }]))
  for (const r of found?.items ?? []) known.set(r.id, { type: r.type, id: r.id, title: r.title, number: r.number ?? '' })
  const take = (ids: string | string[] | undefined) => {
    type('')
    const picked = asList(ids).flatMap((id) => {
      const r = known.get(id)
      return r ? [{ type: r.type, id: r.id, title: r.title }] : []
    })
    onChange?.(many ? picked : picked[0])
  }
  return (
    <Select
      {...bound}
      className="wide"
      mode={many ? 'multiple' : undefined}
      value={many ? chosen.map((r) => r.id) : chosen[0]?.id}
      onChange={take}
      showSearch={{ filterOption: false, onSearch: type, searchValue: typed }}
      allowClear={{ label: t('form.clear'), clearIcon: <Icon name="cross" size={14} /> }}
      loading={isFetching}
      placeholder={t('form.reference')}
      notFoundContent={isFetching ? t('state.loading') : t('form.notFound')}
      options={[...known.values()].map((r) => ({ value: r.id, label: r.title || r.id, sub: r.number }))}
      optionRender={(o) => (
        <span className="option">
          {o.data.label} <small>{o.data.sub}</small>
        </span>
      )}
    />
  )
}
