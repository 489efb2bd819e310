import { useTranslation } from 'react-i18next'
import { Empty } from '../components/Empty'
import { Page } from '../components/Page'

/** Opens at an address that the shell knows. */
export default function CasePage() {
  const { t } = useTranslation()
  return (
    <Page title={t('page.case')}>
      <Empty />
    </Page>
  )
}
