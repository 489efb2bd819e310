import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Case } from '../api/types'
import { language } from '../i18n'
import './admin.css'

const MigrateSheet = lazy(() => import('./MigrateSheet'))

/** What the office does with a case: puts it on paper; for administrators, takes it to another version. */
export function CaseOffice({ kase }: { kase: Case }) {
  const { t } = useTranslation()
  const [moving, move] = useState(false)
  return (
    <>
      <span className="beside">
        <a href={`/api/v1/cases/${kase.id}/print?lang=${language()}`} target="_blank" rel="noreferrer">
          {t('office.print')}
        </a>
      </span>
      {kase.actions.includes('migrate') && (
        <span className="beside">
          <button type="button" className="link" onClick={() => move(true)}>
            {t('versions.one')}
          </button>
        </span>
      )}
      {moving && (
        <Suspense fallback={null}>
          <MigrateSheet kase={kase} close={() => move(false)} />
        </Suspense>
      )}
    </>
  )
}
