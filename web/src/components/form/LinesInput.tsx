import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Icon } from '../Icon'
import { titleOf, type Field } from './field'
import { FieldInput } from './FieldInput'
import { columnsOf, isFigure } from './LinesTable'
import type { Bound } from './Pick'

type Line = { [column: string]: unknown }

/** Lines to fill in: a table on a desk, cards on a phone. */
export function LinesInput({ field, value, onChange, disabled, id }: Bound<Line[]> & { field: Field }) {
  const { t } = useTranslation()
  const lines = value ?? []
  const columns = columnsOf(field, lines)
  const set = (at: number, column: string, to: unknown) => onChange?.(lines.map((line, i) => (i === at ? { ...line, [column]: to } : line)))
  const remove = (at: number) => onChange?.(lines.filter((_, i) => i !== at))
  return (
    <div id={id} className="lines edit">
      {lines.length > 0 && (
        <table>
          <thead>
            <tr>
              {columns.map((c) => (
                <th key={c.field} scope="col" className={isFigure(c) ? 'right' : undefined}>
                  {titleOf(c)}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            {lines.map((line, i) => (
              <tr key={i}>
                {columns.map((c) => (
                  <td key={c.field} data-title={titleOf(c)}>
                    <FieldInput field={c} value={line[c.field]} onChange={(to) => set(i, c.field, to)} disabled={disabled} aria-label={`${titleOf(c)}, ${t('form.line', { n: i + 1 })}`} />
                  </td>
                ))}
                <td>
                  <button type="button" className="plain" disabled={disabled} onClick={() => remove(i)} aria-label={t('form.removeLine', { n: i + 1 })}>
                    <Icon name="cross" size={18} />
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Button disabled={disabled} onClick={() => onChange?.([...lines, {}])}>
        {t('form.addLine')}
      </Button>
    </div>
  )
}
