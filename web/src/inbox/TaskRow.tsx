import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Box, Task } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Due } from '../components/Due'
import { Names } from '../components/Person'
import { Value } from '../components/form/Value'
import { wordOf } from '../i18n'
import { factsOf } from '../task/facts'
import { ClaimButton } from './ClaimButton'

interface Props {
  box: Box
  task: Task
  chosen: boolean
  choose: () => void
  approve: (task: Task) => void
}

/** A task in a list: what, about whom, what matters, by when, and the one thing that can be done from here. */
export function TaskRow({ box, task, chosen, choose, approve }: Props) {
  const to = box === 'started' ? `/cases/${task.case}` : `/tasks/${task.id}`
  return (
    <article className={`task${box === 'todo' || box === 'claimable' ? '' : ' no-act'}${chosen ? ' chosen' : ''}${task.overdue && task.status === 'open' ? ' overdue' : ''}`}>
      <div className="what">
        <Link to={to} className="cover" onFocus={choose}>
          {task.subject || task.number}
        </Link>
        <span className="soft">
          {task.title} · {task.number}
        </span>
      </div>
      <Facts task={task} />
      <When box={box} task={task} />
      {box === 'claimable' && task.actions.includes('claim') && <ClaimButton task={task} />}
      {box === 'todo' && task.actions.includes('approve') && <ApproveButton task={task} approve={approve} />}
    </article>
  )
}

function ApproveButton({ task, approve }: { task: Task; approve: (task: Task) => void }) {
  const { t } = useTranslation()
  return (
    <Button className="act" aria-label={t('act.approveTitle', { title: task.subject || task.number })} onClick={() => approve(task)}>
      {t('act.approve')}
    </Button>
  )
}

/** Up to four values that the process owner wants on every row. */
function Facts({ task }: { task: Task }) {
  const facts = factsOf(task)
  if (!facts.length) return <span className="facts-line" />
  return (
    <span className="facts-line soft">
      {facts.slice(0, 4).map((field) => (
        <span key={field.field} className="fact">
          <Value field={field} />
        </span>
      ))}
    </span>
  )
}

function When({ box, task }: { box: Box; task: Task }) {
  const { t } = useTranslation()
  const clock = useClock()
  const who = task.assignee ? [task.assignee] : task.candidates
  if (task.status === 'closed') {
    return (
      <span className="when">
        <span className={`outcome ${task.outcome ?? ''}`}>{wordOf('outcome', task.outcome ?? 'done')}</span>
        {task.decided_at && <small className="soft">{sayMoment(task.decided_at, clock)}</small>}
      </span>
    )
  }
  return (
    <span className="when">
      <Due at={task.due_at} />
      {box === 'started' && who.length > 0 && (
        <small className="soft">
          {t('inbox.withWhom', { who: '' })}
          <Names ids={who} />
        </small>
      )}
    </span>
  )
}
