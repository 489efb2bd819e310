import { useTranslation } from 'react-i18next'

/** Says that what stands in a form is a draft, and how to begin anew. */
export function Kept({ clear }: { clear: () => void }) {
  const { t } = useTranslation()
  return (
    <p className="soft small">
      {t('start.draft')}
      <button type="button" className="link" onClick={clear}>
        {t('start.clear')}
      </button>
    </p>
  )
}
