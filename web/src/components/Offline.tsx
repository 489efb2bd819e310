import { useTranslation } from 'react-i18next'
import { useOnline } from '../app/media'
import { Icon } from './Icon'

/** Says that there is no network, above whatever is on the page. */
export function Offline() {
  const { t } = useTranslation()
  const online = useOnline()
  return (
    <div role="status" className="offline" hidden={online}>
      {!online && (
        <>
          <Icon name="offline" />
          {t('state.offline')}
        </>
      )}
    </div>
  )
}
