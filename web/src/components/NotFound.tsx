import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Empty } from './Empty'

/** An address that leads nowhere, or nowhere for the reader. */
export function NotFound() {
  const { t } = useTranslation()
  return (
    <Empty icon="search" title={t('state.notFound')} text={t('state.notFoundText')}>
      <Link to="/inbox">{t('task.backToInbox')}</Link>
    </Empty>
  )
}
