import { Link } from 'react-router'
import type { Money } from '../../api/types'
import { sayDay, wall } from '../../app/time'
import { wordOf } from '../../i18n'
import { Name } from '../Person'
import { isMoney, sayMoney, sayNumber } from './field'

/** A line of a quote. */
export interface Line {
  product?: string
  quantity?: number
  price?: Money
  discount?: number
}

/** A quote that the same customer had before. */
export interface Earlier {
  id: string
  number: string
  at: string
  amount?: Money | null
  status?: string | null
  owner?: string | null
  lines?: Line[] | null
}

/** What the same customer was offered before, the newest first, so that two people never quote two prices. */
export function History({ quotes }: { quotes: Earlier[] }) {
  return (
    <ul className="history">
      {quotes.map((q) => (
        <li key={q.id}>
          <Link to={`/records/quote/${q.id}`}>{q.number}</Link> <b className="figure">{isMoney(q.amount) && sayMoney(q.amount)}</b>{' '}
          <span className="soft">
            {sayDay(wall(q.at).date)}
            {q.status && <> · {wordOf('choice', q.status)}</>}
            {q.owner && (
              <>
                {' · '}
                <Name id={q.owner} />
              </>
            )}
          </span>
          {q.lines?.map((line, i) => (
            <div key={i} className="line">
              {line.product} × {sayNumber(line.quantity ?? 0)}
              {isMoney(line.price) && ` · ${sayMoney(line.price)}`}
              {line.discount ? ` · −${sayNumber(line.discount)} %` : ''}
            </div>
          ))}
        </li>
      ))}
    </ul>
  )
}
