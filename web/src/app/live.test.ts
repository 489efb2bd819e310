import { afterEach, expect, test, vi } from 'vitest'
import { queries } from '../api/queries'
import { listen } from './live'

class Stream extends EventTarget {
  static readonly CLOSED = 2
  static last: Stream
  readyState = 1
  onerror: (() => void) | null = null
  constructor() {
    super()
    Stream.last = this
  }
  close() {}
  says(event: string, data = '{}') {
    this.dispatchEvent(new MessageEvent(event, { data }))
  }
}

vi.stubGlobal('EventSource', Stream)
const read = vi.spyOn(queries, 'invalidateQueries').mockResolvedValue()
const readAgain = () => read.mock.calls.splice(0).map(([filters]) => filters?.queryKey?.join())
const end = listen()
afterEach(() => void readAgain())

test('a case that has moved is read again with what moves with it', () => {
  Stream.last.says('case', '{"id":"c1"}')
  expect(readAgain()).toEqual(['case,c1', 'task', 'record', 'cases,of'])
})

test('whoever begins to listen has just read what is before them; whoever listens again may have missed something', () => {
  Stream.last.says('hello')
  expect(readAgain()).toEqual(['counts', 'notifications'])
  Stream.last.onerror?.()
  Stream.last.says('hello')
  expect(readAgain()).toEqual(['counts', 'notifications', 'case', 'task', 'record', 'cases,of'])
  end()
})
