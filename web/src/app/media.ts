import { useSyncExternalStore } from 'react'

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => matchMedia(query).matches,
  )
}

/** Whether there is room for a desk's layout; else it is a phone's. app.css knows the same width. */
export function useDesk(): boolean {
  return useMedia('(min-width: 900px)')
}

/** Whether the system is dark. */
export function useDark(): boolean {
  return useMedia('(prefers-color-scheme: dark)')
}

/** Whether the browser believes in its network. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      addEventListener('online', changed)
      addEventListener('offline', changed)
      return () => {
        removeEventListener('online', changed)
        removeEventListener('offline', changed)
      }
    },
    () => navigator.onLine,
  )
}
