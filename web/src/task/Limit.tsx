import { useTranslation } from 'react-i18next'
import { useMe } from '../api/session'
import type { Task } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Card } from '../components/Card'
import { Due } from '../components/Due'

/** Why the reader, by when, and where that limit comes from. */
export function Limit({ task }: { task: Task }) {
  const { t } = useTranslation()
  const me = useMe()
  const clock = useClock()
  const mine = task.assignee === me.id || (!task.assignee && task.candidates.includes(me.id))
  const stopped = task.actions.includes('start-clock')
  return (
    <Card className="limit">
      {task.due_at && (
        <div className="by">
          <Due at={task.due_at} done={task.status === 'closed'} />
          {stopped && <span className="due later">{t('due.stopped')}</span>}
          {task.status === 'open' && <span className="soft figure">{sayMoment(task.due_at, clock)}</span>}
        </div>
      )}
      <dl className="reasons">
        {task.why && (
          <div>
            <dt>{t(mine ? 'task.why' : 'task.whyThem')}</dt>
            <dd>{task.why}</dd>
          </div>
        )}
        {task.due_because && (
          <div>
            <dt>{t('task.because')}</dt>
            <dd>{task.due_because}</dd>
          </div>
        )}
      </dl>
    </Card>
  )
}
