import { Button } from 'antd'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Box, Task } from '../api/types'
import { useDesk } from '../app/media'
import { sayMoment, useClock } from '../app/time'
import { Due } from '../components/Due'
import { Value } from '../components/form/Value'
import { wordOf } from '../i18n'
import { factsOf } from '../task/facts'
import { aloneBecause } from './bulk'
import type { Chosen } from './chosen'
import { ClaimButton } from './ClaimButton'
import type { Opened } from './next'
import { useLongPress } from './press'

interface Props {
  box: Box
  task: Task
  chosen: boolean
  choose: () => void
  approve: (task: Task) => void
  several: Chosen | undefined
  from: Opened | undefined
}

/** A task in a list: what, about whom, what matters, by when, and the one thing that can be done from here. */
export function TaskRow({ box, task, chosen, choose, approve, several, from }: Props) {
  const desk = useDesk()
  const choosing = several && (desk || several.choosing)
  const taken = several?.chosen.has(task.id) ?? false
  const press = useLongPress(Boolean(several && !desk && !several.choosing), () => (aloneBecause(box, task) ? several?.begin() : several?.toggle(task)))
  const looks = [
    box === 'todo' || box === 'claimable' ? '' : 'no-act', several ? 'several' : '', choosing ? 'choosing' : '', chosen || taken ? 'chosen' : '',
    task.overdue && task.status === 'open' ? 'overdue' : '',
  ]
  return (
    <article className={['task', ...looks].filter(Boolean).join(' ')} {...press}>
      {choosing && <Take box={box} task={task} taken={taken} of={several} />}
      <div className="what">
        <Link to={`/tasks/${task.id}`} state={from} className="cover" onFocus={choose}>
          {task.subject || task.number}
        </Link>
        <span className="soft">
          {task.title} · {task.number}
        </span>
      </div>
      <Facts task={task} />
      <When task={task} />
      {!(choosing && !desk) && box === 'claimable' && task.actions.includes('claim') && <ClaimButton task={task} />}
      {!(choosing && !desk) && box === 'todo' && task.actions.includes('approve') && <ApproveButton task={task} approve={approve} />}
    </article>
  )
}

/** Chooses a task together with others, or says why that can't be. While a phone chooses, the whole row is the box. */
function Take({ box, task, taken, of }: { box: Box; task: Task; taken: boolean; of: Chosen }) {
  const { t } = useTranslation()
  const because = aloneBecause(box, task)
  const id = useId()
  return (
    <label className="take" title={because ? t(`bulk.alone.${because}`) : undefined}>
      <input
        type="checkbox"
        checked={taken}
        disabled={because !== null}
        onChange={() => of.toggle(task)}
        aria-label={t('bulk.take', { subject: task.subject || task.number })}
        aria-describedby={because ? id : undefined}
      />
      {because && (
        <small id={id} className="alone">
          {t(`bulk.alone.${because}`)}
        </small>
      )}
    </label>
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

function When({ task }: { task: Task }) {
  const clock = useClock()
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
    </span>
  )
}
