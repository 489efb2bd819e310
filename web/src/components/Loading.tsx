import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'

/** Something is on its way. What comes within a blink shows nothing at all. */
export function Loading({ page = false, rows = 4 }: { page?: boolean; rows?: number }) {
  const { t } = useTranslation()
  const [shown, show] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => show(true), 150)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className={page ? 'loading whole' : 'loading'} role="status" aria-label={t('state.loading')}>
      {shown && Array.from({ length: rows }, (_, i) => <span key={i} className="ghost" />)}
    </div>
  )
}
