import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Field, Task } from '../api/types'
import { Due } from '../components/Due'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { ReadFields } from '../components/form/ReadFields'
import { useAct } from '../task/act'
import { Comment } from '../task/Comment'
import { Changed, differences } from '../task/Changed'
import { factsOf } from '../task/facts'
import { useTask } from '../task/useTask'

/** Approves from the list, after one look at what is approved: the decision is bound to what this sheet shows. */
export default function ApproveSheet({ task, close }: { task: Task; close: () => void }) {
  const { t } = useTranslation()
  return (
    <Sheet title={t('act.approveTitle', { title: task.title })} onClose={close}>
      <Question key={task.id} id={task.id} close={close} />
    </Sheet>
  )
}

function Question({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation()
  const say = useSay()
  const { data: task, error, isFetching, refetch } = useTask(id)
  const [comment, setComment] = useState('')
  const { act, sending, problem } = useAct(id, close)
  const refused = problem?.code === 'content_changed'
  const [shownFirst, remember] = useState<Field[] | null>(null)
  useEffect(() => {
    if (task && !isFetching) remember((first) => first ?? (task.form as Field[]))
  }, [task, isFetching])
  useEffect(() => {
    if (refused || problem?.code === 'task_closed') void refetch() // what stands here is old
  }, [refused, problem, refetch])
  if (!task) return error ? <Failed problem={error} again={() => void refetch()} /> : <Loading rows={5} />
  const form = task.form as Field[]
  const found = differences(shownFirst ?? form, form)
  const changed = refused || found.length > 0
  const way = task.ways.find((w) => w.act === 'approve')
  const needs = form.some((f) => f.access === 'edit' && f.required) || way?.signature || Boolean(way?.picks)
  const shown = new Set(form.map((f) => f.field))
  const facts = factsOf(task).filter((f) => !shown.has(f.field))
  const over = task.status === 'closed' || !task.actions.includes('approve')
  return (
    <div className="question">
      <p className="about">
        <b>{task.subject}</b> <span className="soft figure">{task.number}</span> <Due at={task.due_at} />
      </p>
      {changed && <Changed differences={found} />}
      {problem && !refused && (
        <Sentence tone="bad" title={t('task.refused')}>
          <p className="lines-of">{say(problem)}</p>
        </Sentence>
      )}
      <h3>{t('act.mustSee')}</h3>
      <ReadFields fields={[...facts, ...form].filter((f) => f.value !== task.subject)} />
      <Comment value={comment} onChange={setComment} />
      <div className="foot">
        <Link to={`/tasks/${id}`}>{t('act.showAll')}</Link>
        {!needs && !over && (
          <Button type="primary" size="large" loading={sending} onClick={() => act('approve', { seen: task.seen, ...(comment && { comment }) })}>
            {changed ? t('act.again', { act: t('act.approve') }) : t('act.approve')}
          </Button>
        )}
      </div>
    </div>
  )
}
