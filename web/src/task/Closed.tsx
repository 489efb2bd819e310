import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { usePerson } from '../api/people'
import type { Task } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Sentence } from '../components/Sentence'
import { tell } from '../components/told'
import { isEmpty, isMoney, same, sayMoney, titleOf, type Field, type Values } from '../components/form'
import { wordOf } from '../i18n'

/** A task that is over: who decided what and when. What the reader had written meanwhile isn't lost. */
export function Closed({ task, comment, fields, values }: { task: Task; comment: string; fields: Field[]; values: Values }) {
  const { t } = useTranslation()
  const clock = useClock()
  const who = usePerson(task.decided_by)
  const outcome = wordOf('outcome', task.outcome ?? 'done')
  const at = task.decided_at ? sayMoment(task.decided_at, clock) : ''
  const written = fields.filter((f) => !isEmpty(values[f.field]) && !same(f.value, values[f.field]))
  const text = [comment, ...written.map((f) => t('app.of', { name: titleOf(f) }) + say(values[f.field]))].filter(Boolean).join('\n')
  const copy = () => void navigator.clipboard?.writeText(text).then(() => tell(t('app.copied')))
  return (
    <Sentence tone="calm" title={t('task.closed')}>
      <p>{task.decided_by ? t('task.closedBy', { who: who?.name ?? task.decided_by, at, outcome }) : t('task.closedSystem', { at, outcome })}</p>
      {task.comment && <blockquote>{task.comment}</blockquote>}
      {text && (
        <>
          <p>{t('task.yourInput')}</p>
          <blockquote className="lines-of">{text}</blockquote>
          <Button size="small" onClick={copy}>
            {t('task.copyInput')}
          </Button>
        </>
      )}
    </Sentence>
  )
}

/** A value as text to be copied: what people would write, where it is more than text. */
function say(value: unknown): string {
  if (Array.isArray(value)) return value.map(say).join('\n')
  if (isMoney(value)) return sayMoney(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const { name, title, ...rest } = value as { [key: string]: unknown } // a file, a reference, a line
  return String(name ?? title ?? Object.values(rest).map(say).join(' · '))
}
