import { sayMoment } from '../../app/time'
import { titleOf, type Field } from './field'
import { Value } from './Value'

type Line = { [column: string]: unknown }

/** The columns of lines: those that the field declares, else those that its lines have. */
export function columnsOf(field: Field, lines: Line[]): Field[] {
  if (field.columns?.length) return field.columns
  const names = [...new Set(lines.flatMap((line) => Object.keys(line)))]
  return names.filter((name) => !['id', 'at', 'lines'].includes(name)).map((name) => ({ field: name, title: '', type: guess[name] ?? 'text' }))
}

/** What columns are that nothing describes: those of what was quoted before. */
const guess: { [column: string]: string } = { owner: 'person', status: 'choice', department: 'department', discount: 'percent', quantity: 'number', price: 'money', amount: 'money' }

/** Lines for reading: a table on a desk, cards on a phone. */
export function LinesTable({ field, lines }: { field: Field; lines: Line[] }) {
  const columns = columnsOf(field, lines)
  const dated = lines.some((line) => typeof line.at === 'string')
  return (
    <div className="lines">
      <table>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.field} scope="col" className={isFigure(c) ? 'right' : undefined}>
                {titleOf(c)}
              </th>
            ))}
            {dated && <th scope="col" aria-hidden="true" />}
          </tr>
        </thead>
        <tbody>
          {lines.map((line, i) => (
            <tr key={i}>
              {columns.map((c) => (
                <td key={c.field} data-title={titleOf(c)} className={isFigure(c) ? 'right' : undefined}>
                  <Value field={c} value={line[c.field]} />
                </td>
              ))}
              {dated && <td className="soft">{typeof line.at === 'string' && sayMoment(line.at)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Whether a column is read as a figure. */
export function isFigure(column: Field): boolean {
  return ['number', 'money', 'percent'].includes(column.type)
}
