import { isEmpty, titleOf, type Field } from './field'
import { Value } from './Value'

type Line = { [column: string]: unknown }

/** The columns of lines: those that the field declares, else those that its lines have. */
export function columnsOf(field: Field, lines: Line[]): Field[] {
  if (field.columns?.length) return field.columns
  return [...new Set(lines.flatMap((line) => Object.keys(line)))].map((name) => ({ field: name, title: '', type: 'text' }))
}

/** Lines for reading: a table on a desk, cards on a phone. A column that no line has anything in is left out. */
export function LinesTable({ field, lines }: { field: Field; lines: Line[] }) {
  const columns = columnsOf(field, lines).filter((c) => lines.some((line) => !isEmpty(line[c.field])))
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
