import { InputNumber } from 'antd'
import type { Money } from '../../api/types'
import { digitsOf, typedAmount, usual } from './field'
import type { Bound } from './Pick'

/** A number or a percentage. */
export function NumberInput({ percent, value, onChange, ...bound }: Bound<number> & { percent?: boolean }) {
  return <InputNumber {...bound} className="wide" inputMode="decimal" controls={false} value={value ?? null} onChange={(to) => onChange?.(to ?? undefined)} suffix={percent ? '%' : undefined} />
}

/** An amount, in the company's own currency until a value says another: typed as people write it, kept in minor units. */
export function MoneyInput({ value, onChange, ...bound }: Bound<Money>) {
  const currency = value?.currency ?? usual
  const digits = digitsOf(currency)
  return (
    <InputNumber<number | string>
      {...bound}
      className="wide"
      inputMode="decimal"
      controls={false}
      precision={digits}
      prefix={currency}
      value={value ? value.amount / 10 ** digits : null}
      formatter={(shown, { userTyping, input }) => (userTyping ? input : String(shown ?? '').replace(/\B(?=(\d{3})+(?!\d))/g, ','))}
      parser={(text) => typedAmount(text ?? '')}
      onChange={(to) => onChange?.(to === null || to === '' ? undefined : { amount: Math.round(Number(to) * 10 ** digits), currency })}
    />
  )
}
