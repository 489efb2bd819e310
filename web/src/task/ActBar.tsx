import { Button } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../api/problem'
import type { Act, Task, Way } from '../api/types'
import { useDesk } from '../app/media'
import { Icon } from '../components/Icon'
import { Sheet } from '../components/Sheet'
import { useUploading } from '../components/form'
import { acts, type ActName } from './act'
import { ActSheet } from './ActSheet'
import { useLabels } from './labels'

interface Props {
  task: Task
  sending: boolean
  problem: Problem | null
  /** Whether the form is filled in; what is missing is shown. */
  ready: () => Promise<boolean>
  send: (way: Way, more?: Act) => void
  other: (name: ActName, body: Act) => void
  clear: () => void
  words: Words
  write: (to: Partial<Words>) => void
  /** The content changed under the reader: the button says that they decide all the same. */
  again: boolean
}

/** What somebody has written: beside their answer, and in a sheet that asks for a reason. Both outlive the sheet. */
export interface Words {
  comment: string
  reason: string
}

/** What a sheet asks about: a way out of the task, or an act beside it. */
export type Asked = { way: Way } | { name: ActName }

/** Ways back, which are answered by words first. */
const back = (way: Way) => way.act === 'reject' || way.act === 'return'
/** Which words a sheet asks for. Those of a way on are the comment itself; a reason isn't sent along with anything else. */
const kindOf = (what: Asked): keyof Words => ('way' in what && !back(what.way) ? 'comment' : 'reason')
/** Ways on that need something first: a signature, somebody for a later step. */
const asks = (way: Way) => way.signature || Boolean(way.picks)

/** The acts, where the thumb is: the main ones as buttons that say what follows, the others one press away. */
export function ActBar({ task, sending, problem, ready, send, other, clear, words, write, again }: Props) {
  const { t } = useTranslation()
  const desk = useDesk()
  const uploading = useUploading()
  const label = useLabels(task)
  const [asked, ask] = useState<Asked | null>(null)
  const [menu, setMenu] = useState(false)
  const forward = task.ways.filter((way) => !back(way))
  const backward = firstOfEach(task.ways.filter(back))
  const beside = acts.filter((name) => task.actions.includes(name) && !ways.includes(name) && name !== 'claim')
  const press = async (way: Way) => {
    if (!asks(way)) send(way)
    else if (await ready()) open({ way })
  }
  const open = (what: Asked) => {
    clear()
    setMenu(false)
    if (kindOf(what) === 'reason' && !words.reason && words.comment) write({ reason: words.comment })
    ask(what)
  }
  const claims = task.actions.includes('claim')
  const many = forward.length > 2
  const over = task.status === 'closed' // then only what undoes a decision is left
  const hidden = desk ? [] : backward
  const alone = !over && forward.length === 0 && backward.length === 0 && beside.length === 1 && !claims ? beside[0] : undefined // then it needs no menu
  return (
    <div className="actbar" role="group" aria-label={t('app.acts')}>
      {(alone ? [alone] : over ? beside : []).map((name) => (
        <Button key={name} onClick={() => open({ name })}>
          {t(`act.${name}`)}
        </Button>
      ))}
      {!over && !alone && (beside.length > 0 || hidden.length > 0) && (
        <Button className="more" onClick={() => setMenu(true)} aria-label={t('app.more')} aria-haspopup="dialog">
          <Icon name="more" />
          {desk && t('app.more')}
        </Button>
      )}
      {desk && backward.map((way) => (
        <Button key={way.act} danger={way.act === 'reject'} disabled={sending} onClick={() => open({ way })}>
          {label(way)}
        </Button>
      ))}
      <span className={many ? 'forward many' : 'forward'}>
        {claims && (
          <Button type="primary" size="large" loading={sending} onClick={() => other('claim', {})} title={t('act.claimThen')}>
            {t('act.claim')}
          </Button>
        )}
        {forward.map((way, i) => (
          <Button key={way.outcome + (way.to ?? '')} type={i === 0 && !many ? 'primary' : 'default'} className={many ? 'one-of' : undefined} size="large" loading={sending && !asked} disabled={uploading} onClick={() => void press(way)}>
            {again && way.act === 'approve' ? t('act.again', { act: label(way) }) : label(way)}
          </Button>
        ))}
      </span>
      {menu && (
        <Sheet title={t('app.more')} onClose={() => setMenu(false)}>
          <div className="menu">
            {hidden.map((way) => (
              <button key={way.act} type="button" className={way.act === 'reject' ? 'danger' : ''} onClick={() => open({ way })}>
                <b>{label(way)}</b>
              </button>
            ))}
            {beside.map((name) => (
              <button key={name} type="button" onClick={() => open({ name })}>
                <b>{t(`act.${name}`)}</b>
                {explained[name] && <small>{t(`act.${explained[name]}`)}</small>}
              </button>
            ))}
          </div>
        </Sheet>
      )}
      {asked && (
        <ActSheet
          task={task}
          asked={asked}
          comment={words[kindOf(asked)]}
          write={(to) => write({ [kindOf(asked)]: to })}
          sending={sending}
          problem={problem}
          close={() => ask(null)}
          send={send}
          other={other}
        />
      )}
    </div>
  )
}

/** Acts that are ways out of a task, and so have buttons of their own. */
const ways: ActName[] = ['approve', 'reject', 'return', 'complete']

/** What each act beside the decision leads to. */
const explained: { [name in ActName]?: 'transferThen' | 'removeThen' | 'takeBackThen' | 'stopThen' | 'startThen' | 'releaseThen' | 'assignThen' | 'addThen' | 'urgeThen' } = {
  transfer: 'transferThen',
  'add-approver': 'addThen',
  'remove-approver': 'removeThen',
  'take-back': 'takeBackThen',
  'stop-clock': 'stopThen',
  'start-clock': 'startThen',
  release: 'releaseThen',
  assign: 'assignThen',
  urge: 'urgeThen',
}

/** One button per act: where a return may go to several places, its sheet asks which. */
function firstOfEach(all: Way[]): Way[] {
  return all.filter((way, i) => all.findIndex((w) => w.act === way.act) === i)
}
