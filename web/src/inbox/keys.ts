import { useEffect, useState } from 'react'

/** Whether keys belong to something that is written in, or to a sheet. */
function busy(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && Boolean(target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog]'))
}

interface Keys<Of> {
  open: (of: Of) => void
  approve?: (of: Of) => void
  take?: ((of: Of) => void) | undefined
}

/** The keyboard of a desk: j and k move, Enter opens, a approves, x chooses. Gives which one of a list it is at; -1: none. */
export function useKeys<Of extends { actions: string[] }>(on: boolean, list: Of[], { open, approve, take }: Keys<Of>): [number, (to: number) => void] {
  const [at, move] = useState(-1)
  useEffect(() => {
    if (!on) return
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || busy(e.target)) return
      const chosen = list[at]
      if (e.key === 'j' || e.key === 'k') move(Math.max(0, Math.min(list.length - 1, at + (e.key === 'j' ? 1 : -1))))
      else if (e.key === 'Enter' && chosen && !(e.target instanceof HTMLElement && e.target.closest('a, button'))) open(chosen)
      else if (e.key === 'a' && approve && chosen?.actions.includes('approve')) approve(chosen)
      else if (e.key === 'x' && chosen && take) take(chosen)
      else return
      e.preventDefault()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [on, list, at, open, approve, take])
  return [Math.min(at, list.length - 1), move]
}
