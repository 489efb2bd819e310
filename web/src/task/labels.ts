import { useTranslation } from 'react-i18next'
import { usePeople } from '../api/people'
import type { Task, Way } from '../api/types'
import { wordOf } from '../i18n'

/** What a way out of a task is called on its button: the act in product words, with its consequence. */
export function useLabels(task: Task): (way: Way) => string {
  const { t } = useTranslation()
  const people = usePeople(task.ways.flatMap((way) => way.who))
  return (way) => {
    switch (way.act) {
      case 'approve':
        return t('act.approve')
      case 'reject':
        if (way.end) return t('act.reject')
        return way.goes ? t('act.rejectOn', { step: way.goes }) : t('act.rejectVote')
      case 'return': {
        const to = way.who.map((id) => people.get(id)?.name ?? id).join(t('app.list')) || way.goes || t('act.initiator')
        return t(way.resume === 'back' ? 'act.returnBack' : 'act.return', { to })
      }
    }
    const outcome = !way.outcome || way.outcome === 'done' ? t('act.complete') : way.title || wordOf('answer', way.outcome)
    if (way.end && task.ways.length > 1) return t('act.completeEnds', { outcome })
    return way.back && way.goes ? t('act.completeGoes', { outcome, step: way.goes }) : outcome
  }
}
