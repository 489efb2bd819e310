import type { Entry } from '../api/types'
import type { timeline } from '../i18n/timeline.zh'

/** What a sentence is called in the dictionaries of both languages. */
export type Said = keyof typeof timeline

/** How much a sentence matters to somebody who listens: what people decided, what is late, and what only the system did. */
export type Weight = 'decision' | 'late' | 'end' | 'quiet'

/** One entry as a sentence: which one, what fills it, and the words that somebody added themselves. */
export interface Sentence {
  key: Said
  values: Record<string, string>
  weight: Weight
  /** What somebody wrote, or the reason why. */
  quote?: string | undefined
  /** The fields that were filled in, by what they are called. */
  filled?: string | undefined
}

/** How the values of sentences are worded: what differs by language, and what an entry doesn't say itself. */
export interface Teller {
  english: boolean
  /** A moment with its day. */
  moment: (at: string) => string
  list: (words: string[]) => string
  word: (kind: 'outcome' | 'choice' | 'field', id: string) => string
  step: (title: string, item?: string | null) => string
  /** “the system”, “nobody”, “the initiator”. */
  name: (who: 'someone' | 'nobody' | 'initiator') => string
}

/** Words an entry for people. Every event of a case has a sentence. */
export function sentenceOf(entry: Entry, teller: Teller): Sentence {
  const e = new Told(entry, teller)
  const say = sayings[entry.event] ?? (() => e.say('other'))
  return say(e)
}

/** One entry, with what its sentences are made of. */
class Told {
  readonly data: { [name: string]: unknown }

  constructor(
    readonly entry: Entry,
    readonly teller: Teller,
  ) {
    this.data = entry.data ?? {}
  }

  name(id: string): string {
    return this.entry.names[id] ?? id.replace(/^\w+:/, '')
  }

  /** One side of a difference: what was foreseen, and what there is. */
  side(name: 'foreseen' | 'now'): { [name: string]: unknown } {
    const side = this.data[name]
    return typeof side === 'object' && side !== null ? { ...side } : {}
  }

  /** People and sets of people, by name. */
  names(ids: unknown): string {
    const list = typeof ids === 'string' ? [ids] : Array.isArray(ids) ? ids.map(String) : []
    return list.length ? this.teller.list(list.map((id) => this.name(id))) : this.teller.name('nobody')
  }

  has(name: string): boolean {
    const value = this.data[name]
    return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length)
  }

  text(name: string): string {
    const value = this.data[name]
    return typeof value === 'string' ? value : ''
  }

  word(kind: 'outcome' | 'choice' | 'field', id: string): string {
    return this.entry.words[id] ?? this.teller.word(kind, id)
  }

  get outcome(): string {
    return this.entry.outcome ? this.word('outcome', this.entry.outcome) : ''
  }

  /** The reason, in the reader's language. */
  get reason(): string | undefined {
    const reason = this.entry.reason ?? ''
    return (this.teller.english ? reason : this.text('zh') || reason) || undefined
  }

  /** The fields that an entry names as its own. */
  fields(ids: string[]): string {
    return this.teller.list(ids.map((id) => this.word('field', id)))
  }

  /** Who has the task: its assignee, or all who may take it. */
  get holder(): string {
    if (this.entry.for) return this.name(this.entry.for)
    return this.names(this.data['candidates'])
  }

  say(key: Said, more: Partial<Sentence> & { with?: Record<string, string> } = {}): Sentence {
    const { entry, teller } = this
    const due = this.text('due_at')
    const filled = entry.task && Array.isArray(this.data['fields']) ? this.fields(this.data['fields'].map(String)) : undefined
    return {
      key,
      weight: more.weight ?? 'quiet',
      quote: more.quote ?? entry.comment ?? undefined,
      filled: filled || undefined,
      values: {
        at: entry.at.slice(11, 16),
        who: entry.by ? this.name(entry.by) : teller.name('someone'),
        whom: entry.for ? this.name(entry.for) : teller.name('nobody'),
        step: teller.step(entry.title ?? '', entry.item_title),
        to: this.names(this.data['to']),
        people: this.names(this.data['people']),
        outcome: this.outcome,
        due: due ? teller.moment(due) : '',
        ...more.with,
      },
    }
  }

  /** The sentence with its due moment, where there is one. */
  due(plain: Said, withDue: Said, more: Partial<Sentence> & { with?: Record<string, string> } = {}): Sentence {
    return this.say(this.text('due_at') ? withDue : plain, more)
  }
}

const sayings: Record<string, (e: Told) => Sentence> = {
  started: (e) => {
    if (e.text('number')) return e.say('startedBy', { weight: 'decision', with: { number: e.text('number') } })
    if (!e.entry.by) return e.say('startedItself', { weight: 'decision' })
    return e.say(e.entry.for ? 'startedFor' : 'started', { weight: 'decision' })
  },
  opened: (e) => {
    if (!e.entry.task) {
      if (e.has('items')) return e.say('openedEach', { with: { items: e.teller.list((e.data['items'] as unknown[]).map((i) => e.word('choice', String(i)))) } })
      return e.due('openedGroup', 'openedGroupDue')
    }
    const to = { to: e.holder }
    if (e.has('changed')) return e.say('openedAgain', { with: to })
    if (e.text('for')) return e.due('openedFor', 'openedForDue', { with: { ...to, whom: e.name(e.text('for')) } })
    return e.due('opened', 'openedDue', { with: to })
  },
  decided: (e) => {
    const { entry } = e
    if (e.has('table')) return e.say('table')
    if (entry.outcome === 'passed_over') return e.say(entry.for ? 'seatPassed' : 'passedOver', { quote: passedReason(e) })
    if (entry.by) return decision(e)
    if (entry.task || entry.reason?.startsWith('time ran out')) return e.say('timeRanOut', { weight: 'late' })
    if (entry.reason === 'the moment has come') return e.say('waited')
    return entry.reason ? e.say('decidedItself', { quote: e.reason }) : e.say('groupDone')
  },
  returned: (e) => {
    const to = e.text('to')
    const place = to && e.entry.words[to] ? e.teller.step(e.entry.words[to] ?? '') : e.teller.name('initiator')
    return e.say(e.entry.for ? 'returnedFor' : 'returned', { weight: 'decision', with: { to: place } })
  },
  voided: (e) => (e.has('changed') ? e.say('voidedVote') : e.say('voided', { with: { whom: e.holder } })),
  added: (e) => {
    if (!e.entry.by) return e.say('addedLate', { weight: 'late', with: { people: e.holder } })
    const where = { before: 'addedBefore', after: 'addedAfter' } as const
    return e.say(where[e.text('where') as 'before'] ?? 'addedBeside', { weight: 'decision' })
  },
  removed: (e) => e.say('removed', { weight: 'decision' }),
  transferred: (e) => {
    const quote = e.entry.by ? e.reason : undefined
    if (e.text('what') === 'initiator') return e.say('transferredStart', { weight: 'decision', quote })
    if (e.entry.by) return e.say('transferred', { weight: 'decision', quote })
    return e.has('rung') ? e.say('transferredLate', { weight: 'late' }) : e.say('transferredAway')
  },
  claimed: (e) => e.say('claimed'),
  released: (e) => e.say('released'),
  assigned: (e) => e.say('assigned', { weight: 'decision', quote: e.reason }),
  withdrawn: (e) => e.say('withdrawn', { weight: 'end' }),
  revoked: (e) => e.say('revoked', { weight: 'end' }),
  taken_back: (e) => e.say('takenBack', { weight: 'decision' }),
  urged: (e) => e.say('urged', { weight: 'decision' }),
  commented: (e) => e.say('commented', { weight: 'decision' }),
  told: (e) => {
    if (e.has('copy')) return e.entry.by ? e.say('toldCopyBy', { weight: 'decision' }) : e.say('toldCopy')
    if (!e.has('to')) return e.say('toldNobody')
    return e.has('rung') ? e.say('toldSoon', { with: { step: ofClock(e) } }) : e.say('told')
  },
  reminded: (e) => e.say('reminded'),
  late: (e) => {
    if (e.entry.reason === 'nobody stands above') return e.say('lateTop', { weight: 'late', with: { whom: e.holder } })
    if (e.entry.reason === 'nobody to transfer to') return e.say('lateNobody', { weight: 'late' })
    return e.say('late', { weight: 'late', with: { step: ofClock(e) } })
  },
  handed_up: (e) => e.say(e.entry.for ? 'handedUp' : 'handedUpOpen', { weight: 'late' }),
  clock_stopped: (e) => {
    const reason = e.entry.reason ? e.word('choice', e.entry.reason) : ''
    if (e.has('clock')) return e.entry.reason === 'done' ? e.say('clockDone', { with: clock(e) }) : e.say('clockStopped', { with: { ...clock(e), reason } })
    const until = e.text('until')
    return until ? e.say('stepStoppedUntil', { with: { reason, until: e.teller.moment(until) } }) : e.say('stepStopped', { with: { reason } })
  },
  clock_started: (e) => {
    if (e.has('clock')) return e.entry.reason ? e.due('clockGoesOn', 'clockGoesOnDue', { with: clock(e) }) : e.due('clockBegun', 'clockBegunDue', { with: clock(e) })
    return e.entry.by ? e.due('stepGoesOnBy', 'stepGoesOnByDue') : e.due('stepGoesOn', 'stepGoesOnDue')
  },
  recomputed: (e) =>
    e.say('recomputed', { quote: e.reason, with: { what: ofClock(e), from: e.teller.moment(e.text('from')), due: e.teller.moment(e.text('to')) } }),
  changed: (e) => {
    if (e.has('created')) return e.say('created', { with: { type: e.word('field', e.text('created')) } })
    return e.say('changed', { with: { fields: e.fields(Object.keys(e.data)) } })
  },
  suspended: (e) => e.say('suspended', { weight: 'late', quote: e.reason }),
  resumed: (e) => e.say('resumed', { weight: 'decision', quote: e.reason }),
  jumped: (e) => e.say('jumped', { weight: 'decision', quote: e.reason }),
  migrated: (e) => e.say('migrated', { quote: e.reason }),
  differs: (e) => {
    const quote = e.reason
    const [foreseen, now] = [e.side('foreseen'), e.side('now')]
    if (foreseen['who'] && now['who']) return e.say('differsWho', { quote, with: { who: e.names(now['who']), foreseen: e.names(foreseen['who']) } })
    if (foreseen['due_at'] && now['due_at'])
      return e.say('differsDue', { quote, with: { due: e.teller.moment(String(now['due_at'])), foreseen: e.teller.moment(String(foreseen['due_at'])) } })
    const skipped = now['passed_over'] || (e.has('foreseen') && !e.has('now'))
    return e.say(skipped ? 'differsSkipped' : 'differs', { quote })
  },
  failed: (e) => e.say(e.entry.task ? 'failed' : 'failedCall', { weight: 'late', quote: e.reason }),
  undone: (e) => (e.has('kept') ? e.say('notUndone', { quote: e.reason }) : e.say('undone')),
  ended: (e) => e.say(e.entry.by && e.entry.reason ? 'endedBy' : 'ended', { weight: 'end', quote: e.reason }),
  called: (e) => {
    const number = e.text('number')
    if (e.entry.outcome) return e.say('called', { with: { number } })
    return e.say(number ? 'callsNumber' : 'calls', { with: { number, process: e.word('field', e.text('process')) } })
  },
  waiting: (e) => {
    if (e.has('process')) return sayings['called']?.(e) ?? e.say('waiting')
    return e.due('waiting', 'waitingDue')
  },
  chosen: (e) => e.say('chosen', { with: { condition: e.word('field', e.entry.reason ?? '') } }),
  answered: (e) => e.say('answered'),
  happened: (e) => e.say('happened'),
}

/** What somebody decided: an answer to an approval, or work that is done. */
function decision(e: Told): Sentence {
  const { entry } = e
  const weight = 'decision'
  if (entry.for) return e.say('decidedFor', { weight })
  if (e.data['opinion'] === true) return e.say('opinion', { weight })
  if (entry.outcome === 'approved' || entry.outcome === 'rejected') return e.say(entry.outcome, { weight })
  return e.say(entry.outcome === 'done' || !entry.outcome ? 'done' : 'doneAs', { weight })
}

/** Why something was passed over: in words, or the condition that doesn't hold. */
function passedReason(e: Told): string | undefined {
  return e.has('zh') ? e.reason : e.entry.reason ? e.word('field', e.entry.reason) : undefined
}

function clock(e: Told): { clock: string } {
  return { clock: e.teller.step(e.word('field', e.text('clock'))) }
}

/** The clock that an entry is about, else its step. */
function ofClock(e: Told): string {
  return e.has('clock') ? clock(e).clock : e.teller.step(e.entry.title ?? '', e.entry.item_title)
}
