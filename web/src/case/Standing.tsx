import { useTranslation } from 'react-i18next'
import { usePeople } from '../api/people'
import type { Case } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { useDue } from '../components/Due'
import { Sentence } from '../components/Sentence'
import { wordOf } from '../i18n'
import { flat, standing, type Node } from './chain'

/** What people call the end of a case. */
export function outcomeOf(kase: Pick<Case, 'outcome' | 'outcome_title'>): string {
  if (!kase.outcome) return ''
  return kase.outcome_title && kase.outcome_title !== kase.outcome ? kase.outcome_title : wordOf('outcome', kase.outcome)
}

/** A step by its title and item, as sentences name it. */
export function useStepName(): (node: Pick<Node, 'title' | 'item'>) => string {
  const { t } = useTranslation()
  return ({ title, item }) => (item ? t('timeline.stepItem', { title, item }) : t('timeline.step', { title }))
}

/** Where a case stands, as one would say it on the phone. */
export function Standing({ kase, chain }: { kase: Case; chain: Node[] }) {
  const { t } = useTranslation()
  const clock = useClock()
  if (kase.status === 'ended') {
    const tone = ['rejected', 'cancelled', 'lost', 'escalated'].includes(kase.outcome ?? '') ? 'warn' : 'good'
    return <Sentence tone={tone}>{t('case.ended', { outcome: outcomeOf(kase), at: kase.ended_at ? sayMoment(kase.ended_at, clock) : '' })}</Sentence>
  }
  return (
    <>
      {kase.status === 'suspended' && <Sentence tone="warn" title={t('case.suspended')}>{t('case.suspendedText')}</Sentence>}
      {kase.held && <Sentence tone="bad" title={t('case.held')}>{kase.held}</Sentence>}
      {kase.status === 'running' && !kase.held && <Waiting kase={kase} chain={chain} />}
    </>
  )
}

function Waiting({ kase, chain }: { kase: Case; chain: Node[] }) {
  const { t } = useTranslation()
  const name = useStepName()
  const clock = useClock()
  const say = useDue()
  const people = usePeople(kase.open.flatMap((o) => (o.who.length > 3 ? [] : o.who)))
  const who = (ids: string[]) => {
    if (ids.length > 3) return t('case.anyOf', { count: ids.length })
    return ids.map((id) => people.get(id)?.name ?? id).join(t('case.or')) || t('timeline.nobody')
  }
  const at = standing(chain).flatMap((node) => node.asked.map((asked) => ({ node, asked })))
  const waits = at.length ? [] : flat(chain).filter((n) => n.status === 'open' && !n.children.length)
  if (!at.length && !waits.length) return null
  return (
    <Sentence tone="calm">
      <ul className="standing">
        {at.map(({ node, asked }) => (
          <li key={asked.task}>
            {t('case.with', { who: who(asked.who), step: name(node) })}
            {asked.due && clock && <span className={Date.parse(asked.due) < clock.now ? 'late' : 'soft'}> · {say(asked.due, clock)}</span>}
          </li>
        ))}
        {waits.map((node) => (
          <li key={node.key}>{t('case.waits', { step: node.title })}</li>
        ))}
      </ul>
    </Sentence>
  )
}
