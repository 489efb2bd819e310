import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName } from './Icon'

/** Nothing is there: what that means, and what to do. */
export function Empty({ icon = 'check', title, text, children }: { icon?: IconName; title?: string; text?: string; children?: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className="nothing">
      <Icon name={icon} size={34} />
      <h2>{title ?? t('state.empty')}</h2>
      {text && <p>{text}</p>}
      {children}
    </div>
  )
}
