import type { Case, Entry, PreviewStep } from '../api/types'

/** An answer that was given at a step. */
export interface Answer {
  by: string | null
  for: string | null
  outcome: string | null
  at: string
  comment: string | null
  /** The entry it comes from, for its words. */
  entry: Entry
}

/** Whom a step asks now. */
export interface Asked {
  task: string
  who: string[]
  due: string | null
}

/** One of several ways that a coming step may go. */
export interface Alternative {
  who: { user: string | null; because: string }[]
  when: string | null
  because: string | null
  due: string | null
  certain: boolean
}

/** A step as it is drawn. */
export interface Node {
  key: string
  step: string
  title: string
  item: string | null
  /** The item's path, as the API names it. */
  path: string | null
  branch: string | null
  kind: string
  round: number
  /** open, done, returned, passed_over, left, voided: as the case says; coming: not reached yet. */
  status: string
  answers: Answer[]
  asked: Asked[]
  /** For coming steps: how it may go; one where that is known. */
  ways: Alternative[]
  children: Node[]
}

const keyOf = (step: string, item?: string | null) => (item ? `${step}@${item}` : step)

/** The key of the step that holds another one: that of the same item, or of the item around it. */
function holder(inside: string | null | undefined, item: string | null | undefined, known: Map<string, Node>): Node | undefined {
  if (!inside) return undefined
  for (let at = item ?? ''; at; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
    const found = known.get(keyOf(inside, at))
    if (found) return found
  }
  return known.get(inside)
}

/** The answers of a timeline, by the step they belong to. */
function answersOf(entries: Entry[]): Map<string, Answer[]> {
  const of = new Map<string, Answer[]>()
  for (const entry of entries) {
    const answered = entry.step && (entry.event === 'returned' || (entry.event === 'decided' && entry.outcome !== 'passed_over'))
    if (!answered || !(entry.by || entry.task)) continue
    const key = keyOf(entry.step as string, entry.item)
    const answer = { by: entry.by ?? null, for: entry.for ?? null, outcome: entry.outcome ?? null, at: entry.at, comment: entry.comment ?? null, entry }
    of.set(key, [...(of.get(key) ?? []), answer])
  }
  return of
}

/** Draws a case: what it has passed, where it stands, and what comes, each step inside the one that holds it. */
export function chainOf(of: Pick<Case, 'steps' | 'open' | 'status'>, entries: Entry[], coming: PreviewStep[]): Node[] {
  const roots: Node[] = []
  const known = new Map<string, Node>()
  const answers = answersOf(entries)
  const put = (node: Node, inside: string | null | undefined, item: string | null | undefined) => {
    const around = holder(inside, item, known)
    ;(around ? around.children : roots).push(node)
    known.set(keyOf(node.step, node.path), node)
  }
  for (const run of of.steps) {
    const key = keyOf(run.step, run.item)
    const asked = of.open.filter((o) => keyOf(o.step, o.item) === key).map((o) => ({ task: o.task, who: o.who, due: o.due_at ?? null }))
    const node = {
      key, step: run.step, title: run.title || run.step, item: run.item_title ?? run.item ?? null, path: run.item ?? null, branch: run.branch ?? null, kind: run.kind ?? '', round: run.round, status: run.status,
      answers: answers.get(key) ?? [], asked, ways: [], children: [],
    }
    put(node, run.inside, run.item)
  }
  if (of.status !== 'ended') for (const step of coming) come(step, known, put)
  return roots
}

/** Adds a coming step: a new one, or another way for one that stands there already. What is open now only learns why. */
function come(step: PreviewStep, known: Map<string, Node>, put: (node: Node, inside: string | null | undefined, item: string | null | undefined) => void): void {
  const key = keyOf(step.step, step.item)
  const way = {
    who: step.who.map((p) => ({ user: p.user ?? null, because: p.because })), when: step.when ?? null, because: step.because ?? null, due: step.due_at ?? null, certain: step.certain,
  }
  const there = known.get(key)
  if (there?.status === 'open' || there?.status === 'coming') {
    there.ways.push(way)
    return
  }
  put(
    {
      key: key + '+', step: step.step, title: step.title || step.step, item: step.item_title ?? step.item ?? null, path: step.item ?? null, branch: step.branch ?? null, kind: step.kind ?? '', round: 0, status: 'coming',
      answers: [], asked: [], ways: [way], children: [],
    },
    step.inside,
    step.item,
  )
}

/** The steps that a case stands at, outermost first: what “where is it?” is answered with. */
export function standing(nodes: Node[]): Node[] {
  return nodes.flatMap((n) => [...(n.asked.length ? [n] : []), ...standing(n.children)])
}

/** Every step of a chain, in the order it is drawn. */
export function flat(nodes: Node[]): Node[] {
  return nodes.flatMap((n) => [n, ...flat(n.children)])
}
