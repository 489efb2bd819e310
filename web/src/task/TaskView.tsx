import { Form } from 'antd'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useNavigate } from 'react-router'
import { api, data, newKey } from '../api/client'
import { lost } from '../api/problem'
import { useMe } from '../api/session'
import type { Act, Field, Task, Way } from '../api/types'
import { useDesk } from '../app/media'
import { Opinions } from '../case/Opinions'
import { Card } from '../components/Card'
import { Due } from '../components/Due'
import { useSay } from '../components/Failed'
import { Page } from '../components/Page'
import { Sentence } from '../components/Sentence'
import { changesOf, FormFields, ReadFields, valuesOf, type Values } from '../components/form'
import { useFollowing } from '../inbox/next'
import { readAgain } from '../inbox/tasks'
import { ActBar, type Words } from './ActBar'
import { remains, useAct, type ActName } from './act'
import { Changed, differences, type Difference } from './Changed'
import { Closed } from './Closed'
import { Comment } from './Comment'
import { useDraft } from './draft'
import { EarlierPrices, earlierField } from './Earlier'
import { factsOf } from './facts'
import { Limit } from './Limit'
import { Progress } from './Progress'
import { renewed } from './renew'
import { Similar } from './Similar'

interface Props {
  task: Task
  /** Whether it is being read again: what stands here may be of another day. */
  reading: boolean
  reread: () => Promise<Task | undefined>
}

/** A task: what and about whom, why me, by when, what to fill in, who was before and who comes next, and the acts at the thumb. */
export function TaskView({ task, reading, reread }: Props) {
  const { t } = useTranslation()
  const go = useNavigate()
  const say = useSay()
  const me = useMe()
  const desk = useDesk()
  const [form] = Form.useForm<Values>()
  const draft = useDraft(me.id, task.id)
  const [words, setWords] = useState<Words>({ comment: draft.begun?.comment ?? '', reason: draft.begun?.reason ?? '' })
  const [changed, setChanged] = useState<Difference[] | null>(null)
  const { fills, reads } = useMemo(() => split(task), [task])
  const [acted, setActed] = useState(0)
  const [begun] = useState(fills) // what could be filled in when the page was opened: somebody else may close the task meanwhile
  const opened: unknown = useLocation().state
  const follows = useFollowing(task.id)
  const { act, sending, problem, clear } = useAct(task.id, onward, (name) => name !== 'urge' && draft.forget())
  function onward(_: unknown, name: ActName) {
    setActed((n) => n + 1)
    shown.current.settled = false // what one has led to oneself is no news
    if (name === 'urge') return write({ reason: '' })
    if (remains.includes(name)) return write({ comment: '', reason: '' }) // what was filled in is still to be sent
    setWords({ comment: '', reason: '' })
    const next = follows()
    void (next ? go(`/tasks/${next}`, { replace: true, state: opened }) : go('/inbox/todo'))
  }

  const shown = useRef({ first: task, last: task, settled: false })
  useEffect(() => {
    // News came over the stream while the reader was looking: they decide on what they know of.
    const { first, last, settled } = shown.current
    shown.current = { first: settled ? first : task, last: task, settled: settled || !reading }
    if (task.seen === last.seen || task.status !== 'open') return
    if (fills.length) form.setFieldsValue(renewed(split(last).fills, fills, form.getFieldsValue(true) as Values))
    const found = settled ? differences(first.form as Field[], task.form as Field[]) : []
    setChanged((before) => (found.length ? found : before?.length ? null : before))
  }, [task, reading, fills, form])

  useEffect(() => {
    // Somebody was faster, or the content moved: what stands here is old. What was written stays.
    if (problem?.code === 'content_changed') void reread().then((now) => now && setChanged(differences(task.form as Field[], now.form as Field[])))
    if (problem?.code === 'task_closed') void reread()
  }, [problem]) // eslint-disable-line react-hooks/exhaustive-deps

  const theirs = task.assignee ? task.assignee === me.id : task.candidates.includes(me.id)
  useEffect(() => {
    if (task.kind !== 'held' && task.status === 'open' && theirs) void read(task.id)
  }, [task.id, task.kind, task.status, theirs])

  const save = useCallback(
    (written: Words) => draft.save({ ...written, fields: changesOf(fills, form.getFieldsValue(true) as Values) }),
    [draft, fills, form],
  )
  const write = (to: Partial<Words>) => {
    const now = { ...words, ...to }
    setWords(now)
    save(now)
  }
  const send = async (way: Way, more: Act = {}) => {
    const agrees = way.act === 'approve' || way.act === 'complete'
    if (agrees && fills.length && !(await valid(form))) return
    const filled = fills.length ? changesOf(fills, form.getFieldsValue(true) as Values) : {}
    const said = more.comment ?? words.comment
    act(way.act as ActName, {
      ...more,
      seen: task.seen,
      ...(said && { comment: said }),
      ...(way.act === 'complete' && way.outcome && { outcome: way.outcome }),
      ...(way.to && { to: way.to }),
      ...(agrees && Object.keys(filled).length && { fields: filled }),
    })
    setChanged(null)
  }
  const other = (name: ActName, body: Act) => act(name, body)
  const mine = task.actions.some((act) => act !== 'urge')
  const waits = task.status === 'open' && task.ways.length > 0
  return (
    <Page
      title={task.title}
      back="/inbox/todo"
      actions={!desk && task.status === 'open' && <Due at={task.due_at} />}
      sub={
        <>
          {task.subject} · <span className="figure">{task.number}</span>
          {task.round > 1 && <> · {t('task.round', { count: task.round })}</>}
        </>
      }
    >
      <div className="columns">
        <div className="main">
          {task.status === 'closed' && <Closed task={task} comment={[...new Set([words.comment, words.reason])].filter(Boolean).join('\n')} fields={begun} values={form.getFieldsValue(true) as Values} />}
          {task.status === 'open' && !mine && task.kind !== 'copy' && <Sentence tone="calm">{t('task.notYours')}</Sentence>}
          {task.actions.includes('claim') && <Sentence tone="calm">{t('task.claimFirst')}</Sentence>}
          {changed && <Changed differences={changed} />}
          {problem && !quiet(problem.code, task) && (
            <Sentence tone="bad" title={t('task.refused')}>
              <p className="lines-of">{say(problem)}</p>
            </Sentence>
          )}
          <Similar task={task} />
          <EarlierPrices task={task} />
          <Opinions of={task.earlier} />
          <Content task={task} reads={reads} />
          {waits && (
            <Card title={fills.length ? t('task.fill') : undefined} className="fill">
              {fills.length > 0 && (
                <Form form={form} layout="vertical" className="fields" initialValues={{ ...valuesOf(fills), ...draft.begun?.fields }} onValuesChange={() => save(words)} requiredMark>
                  <FormFields fields={fills} form={form} problem={problem} disabled={sending} />
                </Form>
              )}
              <Comment
                value={words.comment}
                onChange={(comment) => write({ comment })}
                wrong={problem?.code === 'comment_required' ? problem.text : ''}
                kept={draft.kept}
              />
            </Card>
          )}
        </div>
        <aside>
          <Limit task={task} />
          <Progress task={task} />
          <p>
            <Link to={`/cases/${task.case}`}>{t('task.openCase')}</Link>
          </p>
        </aside>
      </div>
      {task.actions.length > 0 && <ActBar key={acted} task={task} sending={sending} problem={problem} ready={async () => !fills.length || (await valid(form))} send={(way, more) => void send(way, more)} other={other} clear={clear} words={words} write={write} again={Boolean(changed)} />}
    </Page>
  )
}

/** Notes that a copy was read, which needs nothing else, or that whoever has the task has opened it: what led to it can't be taken back any more. */
async function read(id: string): Promise<void> {
  try {
    await data(api.POST('/api/v1/tasks/{id}/read', { params: { path: { id }, header: { 'Idempotency-Key': newKey() } } }))
    readAgain()
  } catch {
    // it stays unread, and is noted the next time
  }
}

/** Problems that are said elsewhere on the page. */
function quiet(code: string, task: Task): boolean {
  return code === 'content_changed' || (task.status === 'closed' && (code === 'task_closed' || code === lost))
}

async function valid(form: { validateFields: () => Promise<unknown>; scrollToField: (name: string, how: ScrollIntoViewOptions) => void }): Promise<boolean> {
  try {
    await form.validateFields()
    return true
  } catch (thrown) {
    const first = (thrown as { errorFields?: { name: string[] }[] }).errorFields?.[0]?.name[0]
    if (first) form.scrollToField(first, { block: 'center' })
    return false
  }
}

/** What is to be filled in, and what is to be read: what matters first, as the process owner says. */
function split(task: Task): { fills: Field[]; reads: Field[] } {
  const form = task.form as Field[]
  const first = new Map(task.summary_fields.map((f, i) => [f.field, i]))
  const place = (f: Field) => first.get(f.field) ?? first.size
  const open = task.ways.length > 0 && task.status === 'open'
  return {
    fills: open ? form.filter((f) => f.access === 'edit') : [],
    reads: form.filter((f) => f.field !== earlierField && (!open || f.access !== 'edit')).sort((a, b) => place(a) - place(b)),
  }
}

/** What the task is about. */
function Content({ task, reads }: { task: Task; reads: Field[] }) {
  const { t } = useTranslation()
  const known = new Set(reads.map((f) => f.field))
  const filled = new Set((task.form as Field[]).filter((f) => f.access === 'edit').map((f) => f.field))
  const facts = factsOf(task).filter((f) => !known.has(f.field) && !filled.has(f.field))
  return (
    <Card title={task.record.title || t('task.content')} extra={<Link to={`/records/${task.record.type}/${task.record.id}`}>{t('task.record')}</Link>}>
      <ReadFields fields={[...facts, ...reads].filter((f) => f.value !== task.record.title)} />
    </Card>
  )
}
