import { Button, Checkbox, Radio, Select } from 'antd'
import { lazy, Suspense, useId, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../api/problem'
import { useMe } from '../api/session'
import type { Act, Task, Way } from '../api/types'
import { useSay } from '../components/Failed'
import { Sentence } from '../components/Sentence'
import { Sheet } from '../components/Sheet'
import { PersonPick } from '../components/form'
import { Department } from '../components/form/Value'
import { wordOf } from '../i18n'
import type { ActName } from './act'
import type { Asked } from './ActBar'
import { Comment } from './Comment'
import { useLabels } from './labels'
import { Picking } from './Picking'
import { useSignature } from './signature'

const SignPad = lazy(() => import('./SignPad'))

interface Props {
  task: Task
  asked: Asked
  comment: string
  /** Keeps what is written: the sheet may be gone before it is sent. */
  write: (to: string) => void
  sending: boolean
  problem: Problem | null
  close: () => void
  send: (way: Way, more: Act) => void
  other: (name: ActName, body: Act) => void
}

/** Asks for what an act needs – a reason, people, a place – and says what it leads to. Its button is the act itself, in words. */
export function ActSheet({ task, asked, comment, write, sending, problem, close, send, other }: Props) {
  const { t } = useTranslation()
  const say = useSay()
  const label = useLabels(task)
  const [way, setWay] = useState('way' in asked ? asked.way : null)
  const [body, setBody] = useState<Act>({})
  const name = ('way' in asked ? asked.way.act : asked.name) as ActName
  const set = (to: Act) => setBody((was) => ({ ...was, ...to }))
  const sign = useSignature()
  const needsWords = way ? way.comment : worded.includes(name)
  const ready = (!needsWords || Boolean(comment.trim())) && complete(name, body, way) && (!way?.signature || sign.image !== null)
  const title = way ? label(way) : t(`act.${name}`)
  const sendIt = async () => {
    const signed = await sign.keep()
    if (!signed) return
    if (way) send(way, { ...body, comment, ...signed, ...(way.to && { to: way.to }) })
    else other(name, name === 'urge' ? { ...(comment.trim() && { comment: comment.trim() }) } : { ...body, comment })
  }
  const then = thenOf(name, body, way)
  return (
    <Sheet
      title={way?.act === 'return' ? t('act.returnShort') : title}
      onClose={close}
      foot={
        <Button type="primary" danger={name === 'reject'} size="large" block disabled={!ready} loading={sending || sign.keeping} onClick={() => void sendIt()}>
          {title}
        </Button>
      }
    >
      {Boolean(sign.failed ?? (problem && problem.code !== 'comment_required' && !problem.of('picks'))) && (
        <Sentence tone="bad">
          <p className="lines-of">{say(sign.failed ?? problem)}</p>
        </Sentence>
      )}
      {way?.picks && <Picking picks={way.picks} value={body.picks ?? []} onChange={(picks) => set({ picks })} wrong={problem?.of('picks') ?? ''} />}
      {way?.act === 'return' && <Places task={task} way={way} choose={setWay} body={body} set={set} />}
      {(name === 'transfer' || name === 'assign') && <One title={t('act.transferTo')} body={body} set={set} />}
      {name === 'add-approver' && <Added body={body} set={set} />}
      {name === 'remove-approver' && <Several title={t('act.removePeople')} body={body} set={set} />}
      {name === 'stop-clock' && <Reason task={task} body={body} set={set} />}
      {then && <p className="soft then">{t(`act.${then}`)}</p>}
      {way?.signature && (
        <Suspense>
          <SignPad onChange={sign.draw} />
        </Suspense>
      )}
      {(needsWords || way || name === 'urge') && (
        <Comment value={comment} onChange={write} required={needsWords} wrong={problem?.code === 'comment_required' ? problem.text : ''} />
      )}
    </Sheet>
  )
}

interface Part {
  body: Act
  set: (to: Act) => void
}

/** Acts that need words. */
const worded: ActName[] = ['transfer', 'assign', 'add-approver', 'remove-approver', 'stop-clock']

function complete(name: ActName, body: Act, way: Way | null): boolean {
  if (name === 'transfer' || name === 'assign') return Boolean(body.to)
  if (name === 'add-approver' || name === 'remove-approver') return Boolean(body.people?.length)
  if (name === 'stop-clock') return Boolean(body.reason)
  return !way?.items.length || Boolean(body.items?.length)
}

/** What an act leads to. */
function thenOf(name: ActName, body: Act, way: Way | null) {
  switch (name) {
    case 'reject':
      return way?.end ? 'rejectThen' : null
    case 'return':
      return way?.resume === 'back' ? 'returnThenBack' : 'returnThen'
    case 'transfer':
      return 'transferThen'
    case 'add-approver':
      return body.where === 'before' ? 'beforeThen' : body.where === 'after' ? 'afterThen' : 'besideThen'
    case 'remove-approver':
      return 'removeThen'
    case 'take-back':
      return 'takeBackThen'
    case 'stop-clock':
      return 'stopThen'
    case 'start-clock':
      return 'startThen'
    case 'release':
      return 'releaseThen'
    case 'assign':
      return 'assignThen'
    case 'urge':
      return 'urgeThen'
  }
  return null
}

function Labelled({ title, children }: { title: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className="labelled">
      <label htmlFor={id}>{title}</label>
      {children(id)}
    </div>
  )
}

/** Where a return goes, and of several items which ones. */
function Places({ task, way, choose, body, set }: Part & { task: Task; way: Way; choose: (way: Way) => void }) {
  const { t } = useTranslation()
  const label = useLabels(task)
  const places = task.ways.filter((w) => w.act === 'return')
  return (
    <>
      {places.length > 1 && (
        <Radio.Group
          className="choices"
          aria-label={t('act.returnTo')}
          value={places.indexOf(way)}
          onChange={(e) => choose(places[e.target.value as number] ?? way)}
          options={places.map((w, i) => ({ value: i, label: label(w) + (w.goes && w.who.length ? ` · ${w.goes}` : '') }))}
        />
      )}
      {way.items.length > 0 && (
        <Checkbox.Group className="choices" aria-label={t('act.returnItems')} value={body.items ?? []} onChange={(items) => set({ items: items as string[] })}>
          <p>{t('act.returnItems')}</p>
          {way.items.map((item) => (
            <Checkbox key={item} value={item}>
              <Department id={item} />
            </Checkbox>
          ))}
        </Checkbox.Group>
      )}
    </>
  )
}

function One({ title, body, set }: Part & { title: string }) {
  const me = useMe()
  return <Labelled title={title}>{(id) => <PersonPick id={id} value={body.to} onChange={(to) => set({ to: to as string | undefined })} except={[me.id]} />}</Labelled>
}

function Several({ title, body, set }: Part & { title: string }) {
  const me = useMe()
  return (
    <Labelled title={title}>{(id) => <PersonPick id={id} many value={body.people ?? []} onChange={(people) => set({ people: people as string[] | undefined })} except={[me.id]} />}</Labelled>
  )
}

const places = ['before', 'after', 'beside'] as const
const modes = ['all', 'first', 'in_turn'] as const

function Added({ body, set }: Part) {
  const { t } = useTranslation()
  return (
    <>
      <Several title={t('act.addPeople')} body={body} set={set} />
      <p className="label">{t('act.addWhere')}</p>
      <Radio.Group aria-label={t('act.addWhere')} optionType="button" value={body.where ?? 'beside'} onChange={(e) => set({ where: e.target.value as Act['where'] })} options={places.map((p) => ({ value: p, label: t(`act.${p}`) }))} />
      {(body.people?.length ?? 0) > 1 && (
        <>
          <p className="label">{t('act.addMode')}</p>
          <Radio.Group className="choices" aria-label={t('act.addMode')} value={body.mode ?? 'all'} onChange={(e) => set({ mode: e.target.value as Act['mode'] })} options={modes.map((m) => ({ value: m, label: t(`act.${m}`) }))} />
        </>
      )}
    </>
  )
}

function Reason({ task, body, set }: Part & { task: Task }) {
  const { t } = useTranslation()
  return (
    <Labelled title={t('act.stopReason')}>
      {(id) => (
        <Select id={id} className="wide" placeholder={t('act.choose')} value={body.reason} onChange={(reason) => set({ reason })} options={task.stops.map((s) => ({ value: s.reason, label: s.title === s.reason ? wordOf('choice', s.reason) : s.title }))} />
      )}
    </Labelled>
  )
}
