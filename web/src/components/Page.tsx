import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Icon } from './Icon'

interface Props {
  title: string
  /** Beside the title: what kind of thing it is, its number. */
  sub?: ReactNode
  /** On the right: what can be done with the page as a whole. */
  actions?: ReactNode
  /** Where the arrow leads when there is nowhere to go back to; without it there is no arrow. */
  back?: string
  className?: string
  children: ReactNode
}

/** A page with its title. */
export function Page({ title, sub, actions, back, className = '', children }: Props) {
  const { t } = useTranslation()
  const go = useNavigate()
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`
  }, [title, t])
  const leave = () => void ((history.state as { idx?: number } | null)?.idx ? go(-1) : go(back ?? '/'))
  return (
    <div className={`page ${className}`}>
      <header className="head">
        {back && (
          <button type="button" className="plain back" onClick={leave} aria-label={t('app.back')}>
            <Icon name="back" />
          </button>
        )}
        <div className="title">
          <h1>{title}</h1>
          {sub && <div className="soft">{sub}</div>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  )
}
