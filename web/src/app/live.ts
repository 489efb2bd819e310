import { useEffect, useSyncExternalStore } from 'react'
import { queries } from '../api/queries'

/** How long to wait before a stream that was refused is asked for again. */
const refused = 60_000
/** How often lists are read again while there is no stream. */
export const poll = 20_000

let live = false
const heard = new Set<() => void>()
const news = new Set<() => void>()
const moves = new Set<(id: string) => void>()

function set(to: boolean): void {
  live = to
  heard.forEach((tell) => tell())
}

/** Whether news comes by itself. Lists poll while it doesn't. */
export function useLive(): boolean {
  return useSyncExternalStore(
    (changed) => {
      heard.add(changed)
      return () => heard.delete(changed)
    },
    () => live,
  )
}

/** Calls back when something in the reader's boxes changed. */
export function useNews(tell: () => void): void {
  useEffect(() => {
    news.add(tell)
    return () => void news.delete(tell)
  }, [tell])
}

/** Calls back when a case that the reader takes part in has moved. */
export function useMoves(tell: (id: string) => void): void {
  useEffect(() => {
    moves.add(tell)
    return () => void moves.delete(tell)
  }, [tell])
}

function inbox(): void {
  void queries.invalidateQueries({ queryKey: ['counts'] })
  void queries.invalidateQueries({ queryKey: ['notifications'] })
  news.forEach((tell) => tell())
}

/** What moves with a case: tasks, the record that it is about, and the cases that the record lists. */
const withIt = [['task'], ['record'], ['cases', 'of']]

function moved(id: string): void {
  for (const queryKey of [['case', id], ...withIt]) void queries.invalidateQueries({ queryKey })
  moves.forEach((tell) => tell(id))
}

/** What is before the reader may have moved while nobody listened. */
function caughtUp(): void {
  for (const queryKey of [['case'], ...withIt]) void queries.invalidateQueries({ queryKey })
}

/** Listens for news until what it gives is called. The stream carries no content: whatever it names is read again. */
export function listen(): () => void {
  let stream: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let before = false
  const open = () => {
    stream = new EventSource('/api/v1/stream')
    stream.addEventListener('hello', () => {
      set(true)
      inbox() // what came while nobody listened
      if (before) caughtUp()
      before = true
    })
    stream.addEventListener('inbox', inbox)
    stream.addEventListener('case', (e) => moved((JSON.parse((e as MessageEvent<string>).data) as { id: string }).id))
    stream.onerror = () => {
      set(false)
      if (stream?.readyState === EventSource.CLOSED) timer = setTimeout(open, refused) // refused: the browser gives up by itself
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    stream?.close()
    set(false)
  }
}

/** Listens for news while the shell is open. */
export function useStream(): void {
  useEffect(listen, [])
}
