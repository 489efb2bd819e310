import { useTranslation } from 'react-i18next'
import type { Migration } from '../api/types'
import { Sentence } from '../components/Sentence'

const tones = { safe: 'good', mapping: 'warn', stays: 'bad' } as const

/** What would become of a case, and why. */
export function Verdict({ migration }: { migration: Migration }) {
  const { t } = useTranslation()
  const { verdict, because } = migration
  return (
    <Sentence tone={tones[verdict]} title={t(`versions.verdict.${verdict}`)}>
      <p>{t(`versions.verdictText.${verdict}`)}</p>
      {because.length > 0 && (
        <ul>
          {because.map((why) => (
            <li key={why}>{why}</li>
          ))}
        </ul>
      )}
    </Sentence>
  )
}
