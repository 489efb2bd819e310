import { Select } from 'antd'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { usePeople } from '../api/people'
import type { Picks } from '../api/types'
import { PersonPick } from '../components/form'

interface Props {
  picks: Picks
  value: string[]
  onChange: (to: string[]) => void
  wrong?: string
}

/** Chooses who does a later step: among those whom the chain lets one choose, or among all. */
export function Picking({ picks, value, onChange, wrong = '' }: Props) {
  const { t } = useTranslation()
  const id = useId()
  const { title, min, max, from } = picks
  const take = (to: string | string[] | undefined) => onChange([to ?? []].flat().slice(0, max))
  const count = max === 1 ? '' : min === max ? t('picks.count', { max }) : t('picks.between', { min, max })
  return (
    <div className="labelled picking">
      <label htmlFor={id}>{t('picks.title', { title }) + count}</label>
      {from ? <Among id={id} ids={from} many={max > 1} value={value} onChange={take} /> : <PersonPick id={id} many={max > 1} value={max > 1 ? value : value[0]} onChange={take} />}
      {wrong && (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  )
}

function Among({ id, ids, many, value, onChange }: { id: string; ids: string[]; many: boolean; value: string[]; onChange: (to: string | string[] | undefined) => void }) {
  const { t } = useTranslation()
  const people = usePeople(ids)
  return (
    <Select
      id={id}
      className="wide"
      mode={many ? 'multiple' : undefined}
      value={many ? value : value[0]}
      onChange={onChange}
      showSearch={{ optionFilterProp: 'label' }}
      placeholder={t('act.choosePeople')}
      notFoundContent={t('form.notFound')}
      options={ids.map((user) => ({ value: user, label: people.get(user)?.name ?? user, sub: people.get(user)?.title }))}
      optionRender={(o) => (
        <span className="option">
          {o.data.label} <small>{o.data.sub}</small>
        </span>
      )}
    />
  )
}
