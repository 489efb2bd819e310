import { useTranslation } from 'react-i18next'
import type { Case } from '../api/types'
import { Card } from '../components/Card'
import { Timeline } from './Timeline'

/** What people said of a case when it was submitted before, the last time first. */
export function Opinions({ of }: { of: Case['earlier'] }) {
  const { t } = useTranslation()
  return (of ?? [])
    .filter((before) => before.entries.length > 0)
    .map((before) => (
      <Card key={before.case} title={t('case.opinions', { number: before.number })}>
        <Timeline entries={before.entries} />
      </Card>
    ))
}
