import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { api, data } from '../api/client'
import type { Record_ } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Failed } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Names } from '../components/Person'
import { wordOf } from '../i18n'

/** The cases about a record that the reader may see, newest first; at most a page of them. */
export function useCasesOf(record: string) {
  return useQuery({ queryKey: ['cases', 'of', record], queryFn: () => data(api.GET('/api/v1/cases', { params: { query: { record, limit: 50 } } })).then(({ items }) => items) })
}

export function CasesOf({ record }: { record: Record_ }) {
  const { t } = useTranslation()
  const clock = useClock()
  const { data: cases, error, refetch } = useCasesOf(record.id)
  if (error && !cases) return <Failed problem={error} again={() => void refetch()} />
  if (!cases) return <Loading rows={2} />
  if (!cases.length) return <p className="soft">{t('records.noCases')}</p>
  return (
    <ul className="cases">
      {cases.map((c) => {
        const who = [...new Set(c.open.flatMap((o) => o.who))]
        return (
          <li key={c.id}>
            <Link to={`/cases/${c.id}`}>
              {c.title} <span className="figure">{c.number}</span>
            </Link>
            <span className="soft">
              {c.outcome ? wordOf('outcome', c.outcome) : t(`case.status.${c.status}`)}
              {' · '}
              {who.length ? <Names ids={who} /> : sayMoment(c.ended_at ?? c.started_at, clock)}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
