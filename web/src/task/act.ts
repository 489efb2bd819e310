import { useMutation } from '@tanstack/react-query'
import { useCallback, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data, newKey } from '../api/client'
import { findPeople } from '../api/people'
import { problemOf, type Problem } from '../api/problem'
import { queries } from '../api/queries'
import type { Act, Acted, User } from '../api/types'
import { wordOf } from '../i18n'
import { tell } from '../components/told'
import { forgetTasks, readAgain } from '../inbox/tasks'

/** The acts on a task, as they stand in its address. */
export const acts = [
  'approve', 'reject', 'return', 'complete', 'claim', 'release', 'assign', 'transfer', 'add-approver', 'remove-approver', 'take-back', 'stop-clock', 'start-clock', 'urge',
] as const
export type ActName = (typeof acts)[number]

interface Sent {
  name: ActName
  body: Act
  key: string
}

/** Acts that keep the task with the reader. */
const stays: ActName[] = ['claim', 'add-approver', 'remove-approver', 'stop-clock', 'start-clock', 'release', 'urge']

/** Acts that leave the task with the reader, on its page. */
export const remains: ActName[] = ['claim', 'add-approver', 'remove-approver', 'stop-clock', 'start-clock', 'take-back', 'urge']

/**
 * Acts on a task; `arrived` is told of it wherever the reader is by then, `done` only while what they acted on is before them. One intention has one key: when nobody knows whether it arrived, the same thing is sent again with the same key – by itself
 * first, then by the next press – and has one effect.
 */
export function useAct(task: string, done: (acted: Acted, name: ActName) => void, arrived: (name: ActName) => void = () => {}) {
  const last = useRef<{ said: string; key: string } | null>(null)
  const say = useTold()
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: ({ name, body, key }: Sent) =>
      data(api.POST(`/api/v1/tasks/{id}/${name}` as '/api/v1/tasks/{id}/approve', { params: { path: { id: task }, header: { 'Idempotency-Key': key } }, body })),
    onError: (thrown) => {
      if (!problemOf(thrown).unknown) last.current = null // it was refused: the next press is a new intention
    },
    onSuccess: (acted, { name }) => {
      last.current = null
      if (!stays.includes(name)) forgetTasks([task])
      readAgain()
      void queries.invalidateQueries({ queryKey: ['task', task] })
      void queries.invalidateQueries({ queryKey: ['case', acted.case.id] })
      void say(acted, name)
      arrived(name)
    },
  })
  const act = useCallback(
    (name: ActName, body: Act) => {
      const said = JSON.stringify([name, body])
      if (last.current?.said !== said) last.current = { said, key: newKey() }
      mutate({ name, body, key: last.current.key }, { onSuccess: (acted) => done(acted, name) }) // not called any more once the reader has left
    },
    [mutate, done],
  )
  return { act, sending: isPending, problem: error ? problemOf(error) : (null as Problem | null), clear: reset }
}

/** Says what an act led to: what is next, and with whom. */
function useTold(): (acted: Acted, name: ActName) => Promise<void> {
  const { t } = useTranslation()
  return async (acted, name) => {
    const title = t(`act.${name}`)
    const next = acted.case.open[0]
    if (stays.includes(name)) {
      tell(t('task.done', { outcome: title }))
      return
    }
    // What was decided, and the way to it: there it can be looked at, and taken back while nobody has gone on.
    const lead = { to: `/tasks/${acted.task.id}`, word: t('task.look') }
    const what = t('task.decided', { outcome: acted.task.outcome ? wordOf('outcome', acted.task.outcome) : title, subject: acted.task.subject })
    const who = next ? await names(next.who.slice(0, 3)) : []
    if (acted.case.status === 'ended') tell(what + ' ' + t('task.doneEnded', { outcome: wordOf('outcome', acted.case.outcome ?? 'done') }), lead)
    else if (next) tell(what + ' ' + t('task.doneNext', { title: next.title, who: who.join(t('app.list')) + (next.who.length > 3 ? '…' : '') }), lead)
    else tell(what, lead)
  }
}

async function names(ids: string[]): Promise<string[]> {
  return Promise.all(
    ids.map(async (id) => {
      const known = queries.getQueryData<User>(['user', id]) ?? (await findPeople(id).catch(() => [])).find((u) => u.id === id)
      return known?.name ?? id
    }),
  )
}
