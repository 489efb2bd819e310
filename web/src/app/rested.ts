import { useEffect, useState } from 'react'

/** What was typed, once the fingers rest. */
export function useRested(text: string, wait = 250): string {
  const [rested, rest] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => rest(text), wait)
    return () => clearTimeout(timer)
  }, [text, wait])
  return rested
}
