import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import type { BulkResult, Task } from '../api/types'
import { useSay } from '../components/Failed'
import { Icon } from '../components/Icon'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { tell } from '../components/told'
import { Comment } from '../task/Comment'
import type { BulkAct } from './bulk'
import { forgetTasks, readAgain } from './tasks'

interface Props {
  act: BulkAct
  tasks: Task[]
  close: () => void
  /** Takes tasks out of what is chosen: they are dealt with, or have to be looked at again. */
  remove: (ids: string[]) => void
}

/** Codes of what isn't there any more as it was seen: choosing it again wants a look first. */
const drops = ['content_changed', 'task_closed', 'not_found', 'not_your_task', 'case_ended']

/** Does the same with several tasks, each for itself, and says what became of each. */
export default function BulkSheet({ act, tasks: begun, close, remove }: Props) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const [tasks] = useState(begun) // those that the sheet was opened for: what is done leaves the choice
  const [comment, write] = useState('')
  const worded = act === 'approve' || act === 'reject'
  const { mutate, isPending, error, data: results } = useMutation({
    mutationFn: () => {
      const body = { act, ...(comment.trim() && { comment: comment.trim() }), tasks: tasks.map(({ id, seen }) => ({ id, ...(act !== 'read' && { seen }) })) }
      return data(api.POST('/api/v1/tasks/bulk', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body })).then(({ items }) => items)
    },
    onSuccess: (items) => {
      intent.answered()
      const done = items.filter((i) => i.status === 200).map((i) => i.id)
      forgetTasks(done)
      remove([...done, ...items.filter((i) => drops.includes(i.code ?? '')).map((i) => i.id)])
      readAgain()
      if (done.length < items.length) return
      tell(t('bulk.done', { act: t(`bulk.act.${act}`), count: done.length }))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const send = () => mutate(undefined, { onSuccess: (items) => items.every((i) => i.status === 200) && close() })
  const title = t('bulk.do', { act: t(`bulk.act.${act}`), count: tasks.length })
  const foot = results ? (
    <Button size="large" block onClick={close}>
      {t('app.close')}
    </Button>
  ) : (
    <Button type="primary" danger={act === 'reject'} size="large" block loading={isPending} disabled={act === 'reject' && !comment.trim()} onClick={send}>
      {title}
    </Button>
  )
  return (
    <Sheet title={title} onClose={close} foot={foot}>
      {error && (
        <Sentence tone="bad" title={t('task.refused')}>
          {say(error)}
        </Sentence>
      )}
      {results ? (
        <Results tasks={tasks} results={results} />
      ) : (
        <>
          <ul className="bulk-list">
            {tasks.map((task) => (
              <li key={task.id}>
                <b>{task.subject || task.number}</b>
                <span className="soft">
                  {task.title} · <span className="figure">{task.number}</span>
                </span>
              </li>
            ))}
          </ul>
          <p className="soft then">{t(`bulk.then.${act}`)}</p>
          {worded && <Comment value={comment} onChange={write} required={act === 'reject'} />}
        </>
      )}
    </Sheet>
  )
}

/** What became of each task: those that were refused first, with the server's words. */
function Results({ tasks, results }: { tasks: Task[]; results: BulkResult[] }) {
  const { t } = useTranslation()
  const of = new Map(tasks.map((task) => [task.id, task]))
  const done = results.filter((r) => r.status === 200)
  const refused = results.filter((r) => r.status !== 200)
  return (
    <>
      <Sentence tone="warn" title={t('bulk.partly', { done: done.length, refused: refused.length })}>
        {t('bulk.partlyText')}
      </Sentence>
      <ul className="bulk-list results">
        {[...refused, ...done].map(({ id, status, code, detail, errors }) => {
          const task = of.get(id)
          return (
            <li key={id} className={status === 200 ? 'ok' : 'no'}>
              <Icon name={status === 200 ? 'check' : 'cross'} size={16} />
              <span>
                <b>{task?.subject || task?.number}</b> <span className="soft figure">{task?.number}</span>
                {status !== 200 && (
                  <>
                    <span className="wrong">{[detail, ...(errors ?? []).map((e) => e.message)].filter(Boolean).join(' ')}</span>
                    <span className="soft">
                      {t(drops.includes(code ?? '') ? 'bulk.out' : 'bulk.stays')} <Link to={`/tasks/${id}`}>{t('bulk.open')}</Link>
                    </span>
                  </>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}
