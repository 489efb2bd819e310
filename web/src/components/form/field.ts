import type { Choice, Field, Money } from '../../api/types'
import { language, wordOf } from '../../i18n'

export type { Choice, Field } from '../../api/types'

/** What people call a field. */
export function titleOf(field: Field): string {
  return field.title && field.title !== field.field ? field.title : wordOf('field', field.field)
}

/** The choices of a field with what they are called. */
export function choicesOf(field: Field): Choice[] {
  return (field.of ?? []).map((of) => (typeof of === 'string' ? { value: of, title: wordOf('choice', of) } : of))
}

/** What a choice of a field is called. */
export function choiceTitle(field: Field, value: string): string {
  return choicesOf(field).find((c) => c.value === value)?.title ?? wordOf('choice', value)
}

/** Whether a value says nothing. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Whether two values say the same. */
export function same(a: unknown, b: unknown): boolean {
  return (isEmpty(a) && isEmpty(b)) || JSON.stringify(a) === JSON.stringify(b)
}

const locale = () => (language() === 'en' ? 'en-GB' : 'zh-CN')

/** The company's own currency. The others are told apart from it and from each other: there are several dollars, and yen look like yuan. */
export const usual = 'CNY'

/** How many digits of a currency stand behind the point: 2 of CNY, none of JPY. */
export function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2 // not a currency that the browser knows
  }
}

/** An amount as people write it. */
export function sayMoney({ amount, currency }: Money): string {
  const digits = digitsOf(currency)
  const value = amount / 10 ** digits
  try {
    return new Intl.NumberFormat(locale(), { style: 'currency', currency, currencyDisplay: currency === usual ? 'narrowSymbol' : 'symbol', minimumFractionDigits: Number.isInteger(value) ? 0 : digits }).format(value)
  } catch {
    return `${value.toFixed(digits)} ${currency}`
  }
}

const tens: { [sign: string]: number } = { 万: 10_000, 亿: 100_000_000 }

/** What somebody typed for an amount, as a number: 50万 is half a million, and full-width signs are what they look like. Empty where nothing stands, NaN where it is no amount. */
export function typedAmount(text: string): number | '' {
  const plain = text.normalize('NFKC').replace(/。/g, '.').replace(/[\s,¥元]|^(CNY|RMB)/gi, '')
  if (plain === '') return ''
  const [, figures = '', unit = ''] = /^(-?\d*\.?\d*)([万亿]?)$/.exec(plain) ?? []
  return /\d/.test(figures) ? Number(figures) * (tens[unit] ?? 1) : NaN
}

/** A number as people write it. */
export function sayNumber(value: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 6 }).format(value)
}

/** A file's size as people write it. */
export function saySize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  const at = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${sayNumber(Math.round((bytes / 1000 ** at) * 10) / 10)} ${units[at]}`
}

/** Whether something is an amount. */
export function isMoney(value: unknown): value is Money {
  return typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value
}
