import { Form, type FormInstance } from 'antd'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../../api/problem'
import { isEmpty, titleOf, type Field } from './field'
import { FieldInput } from './FieldInput'

/** The inputs of fields, inside an antd Form. What the server said about a field stands below it until it is changed. */
export function FormFields({ fields, form, problem, disabled = false }: { fields: Field[]; form: FormInstance; problem?: Problem | null | undefined; disabled?: boolean }) {
  const { t } = useTranslation()
  useEffect(() => {
    if (!problem) return
    const said = fields.flatMap((f) => {
      const here = problem.errors.filter((e) => within(e.field, f.field)).map((e) => e.message)
      return here.length ? [{ name: f.field, errors: here }] : []
    })
    form.setFields(said)
    const first = said[0]
    if (first) form.scrollToField(first.name, { block: 'center' })
    // once for each refusal: what is corrected since isn't wrong again because the fields were read anew
  }, [problem]) // eslint-disable-line react-hooks/exhaustive-deps
  return fields.map((field) => (
    <Form.Item
      key={field.field}
      name={field.field}
      label={titleOf(field)}
      extra={field.hint}
      required={field.required ?? false}
      className={wide(field) ? 'span' : undefined}
      rules={field.required ? [{ validator: (_, value) => (isEmpty(value) ? Promise.reject(new Error(t('form.required', { title: titleOf(field) }))) : Promise.resolve()) }] : []}
    >
      <FieldInput field={field} disabled={disabled} />
    </Form.Item>
  ))
}

/** Whether what was said is about this field: it, or something in it. */
function within(said: string, field: string): boolean {
  const at = said.replace(/^fields\./, '')
  return at === field || at.startsWith(field + '.') || at.startsWith(field + '[')
}

/** Whether a field takes the whole width. */
export function wide(field: Field): boolean {
  return field.type === 'lines' || field.type === 'file' || Boolean(field.long)
}
