import { useCallback, useEffect, useState } from 'react'
import { useNews } from '../app/live'
import { beginAgain, few, readAgain } from './tasks'

/** What news does to a list of so many pages: a short one is read again, of a long one it is said that something came, and how to begin it again. */
export function useNewer(pages: number, key: readonly unknown[]): [newer: boolean, show: () => void] {
  const [newer, setNewer] = useState(false)
  const long = pages > few
  useNews(useCallback(() => (long ? setNewer(true) : readAgain()), [long]))
  useEffect(() => {
    if (!long) setNewer(false)
  }, [long])
  const show = () => {
    setNewer(false)
    scrollTo(0, 0)
    void beginAgain(key)
  }
  return [newer, show]
}
