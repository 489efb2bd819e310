import { useTranslation } from 'react-i18next'
import type { Case } from '../api/types'
import { sayMoment, useClock } from '../app/time'
import { Card } from '../components/Card'
import { Icon } from '../components/Icon'
import { Name } from '../components/Person'

/** Who was sent a copy of a case, and who has read theirs. */
export function Copies({ kase }: { kase: Case }) {
  const { t } = useTranslation()
  const clock = useClock()
  const copies = kase.copies ?? []
  if (!copies.length) return null
  const read = copies.filter((c) => c.read_at).length
  return (
    <Card title={t('copies.title')} extra={<span className="soft small">{t('copies.count', { read, count: copies.length })}</span>}>
      <ul className="copies">
        {copies.map((copy) => (
          <li key={copy.to + copy.at} className={copy.read_at ? 'read' : ''}>
            <Icon name={copy.read_at ? 'check' : 'clock'} size={14} />
            <span>
              <Name id={copy.to} /> <span className="soft">{copy.read_at ? t('copies.read', { at: sayMoment(copy.read_at, clock) }) : t('copies.unread')}</span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
