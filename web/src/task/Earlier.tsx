import { useTranslation } from 'react-i18next'
import type { Field, Task } from '../api/types'
import { sayDay, wall } from '../app/time'
import { Card } from '../components/Card'
import { isEmpty, sayMoney, sayNumber } from '../components/form'
import { History, type Earlier, type Line } from '../components/form/History'

/** The field that a quote shows what the same customer was offered before in. */
export const earlierField = 'price_history'

/** A product of this quote beside what it was last offered at. */
interface Compared {
  line: Line
  before?: { line: Line; quote: Earlier } | undefined
}

/** What the same customer was quoted before, first of all the products of this quote: two people never quote two prices. */
export function EarlierPrices({ task }: { task: Task }) {
  const { t } = useTranslation()
  const form = task.form as Field[]
  const field = form.find((f) => f.field === earlierField)
  if (!field) return null
  if (isEmpty(field.value)) return <Card title={t('task.earlier')}>{<p className="soft">{t('task.earlierNone')}</p>}</Card>
  const quotes = field.value as Earlier[]
  const lines = (form.find((f) => f.field === 'lines')?.value ?? []) as Line[]
  const both = compare(lines, quotes).filter((c) => c.before)
  return (
    <Card title={t('task.earlier')} className="earlier">
      {both.length > 0 ? (
        <table className="quoted">
          <thead>
            <tr>
              <th scope="col">{t('field.product')}</th>
              <th scope="col">{t('task.earlierNow')}</th>
              <th scope="col">{t('task.earlierBefore')}</th>
            </tr>
          </thead>
          <tbody>
            {both.map(({ line, before }) => (
              <tr key={line.product}>
                <td>{line.product}</td>
                <td className="figure">{price(line)}</td>
                <td className={before && price(before.line) !== price(line) ? 'other' : undefined}>
                  <span className="figure">{before && price(before.line)}</span>
                  <small>
                    {before?.quote.number} · {before && sayDay(wall(before.quote.at).date)}
                  </small>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p>{t('task.earlierOther')}</p>
      )}
      <History quotes={quotes} />
    </Card>
  )
}

/** Finds for each line the newest quote that had its product; quotes come newest first. */
export function compare(lines: Line[], quotes: Earlier[]): Compared[] {
  return lines.map((line) => {
    for (const quote of quotes) {
      const found = quote.lines?.find((l) => l.product && l.product === line.product)
      if (found) return { line, before: { line: found, quote } }
    }
    return { line }
  })
}

function price({ price: of, discount }: Line): string {
  return (of ? sayMoney(of) : '–') + (discount ? ` −${sayNumber(discount)} %` : '')
}
