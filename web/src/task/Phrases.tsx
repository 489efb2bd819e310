import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '../api/session'
import { Icon } from '../components/Icon'
import { usePhrases, withPhrase } from './phrases'

const yes = ['agreed', 'checked', 'proceed'] as const
const no = ['missing', 'wrong', 'explain'] as const

/** What people write again and again, one tap away: what everybody says, and what somebody keeps of their own. */
export function Phrases({ value, onChange, refusing }: { value: string; onChange: (to: string) => void; refusing: boolean }) {
  const { t } = useTranslation()
  const { own, add, remove } = usePhrases(useMe().id)
  const [tidying, tidy] = useState(false)
  const usual: string[] = refusing ? no.map((of) => t(`phrases.no.${of}`)) : yes.map((of) => t(`phrases.yes.${of}`))
  const words = value.trim()
  const fresh = words && !own.includes(words) && !usual.includes(words)
  return (
    <div className="phrases" role="group" aria-label={t('phrases.title')}>
      {[...own, ...usual.filter((p) => !own.includes(p))].map((phrase) => {
        const mine = own.includes(phrase)
        if (tidying && !mine) return null
        return (
          <button key={phrase} type="button" aria-label={t(tidying ? 'phrases.remove' : 'phrases.put', { phrase })} onClick={() => (tidying ? remove(phrase) : onChange(withPhrase(value, phrase)))}>
            <span>{phrase}</span>
            {tidying && <Icon name="cross" size={14} />}
          </button>
        )
      })}
      {fresh && (
        <button type="button" className="keep" onClick={() => add(words)}>
          {t('phrases.keep')}
        </button>
      )}
      {own.length > 0 && (
        <button type="button" className="keep" aria-pressed={tidying} onClick={() => tidy(!tidying)}>
          {t(tidying ? 'phrases.tidied' : 'phrases.tidy')}
        </button>
      )}
    </div>
  )
}
