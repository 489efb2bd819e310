import type { Query } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { isAway, onReach, queries } from '../api/queries'
import { useOnline } from '../app/media'
import { Icon } from './Icon'

/** How often a server that is away is asked again, in milliseconds. */
const again = 3000

/** Says that there is no network, or no server behind it, above whatever is on the page: that may be old. */
export function Offline() {
  const { t } = useTranslation()
  const online = useOnline()
  const away = useSyncExternalStore(onReach, isAway)
  useEffect(() => {
    if (!away) return
    const failed = { type: 'active', predicate: ({ state, queryKey }: Query) => state.status === 'error' || queryKey[0] === 'counts' } as const
    const timer = setInterval(() => void queries.refetchQueries(failed, { cancelRefetch: false }), again)
    return () => clearInterval(timer)
  }, [away])
  return (
    <div role="status" className="offline" hidden={online && !away}>
      {(!online || away) && (
        <>
          <Icon name="offline" />
          {t(online ? 'state.away' : 'state.offline')}
        </>
      )}
    </div>
  )
}
