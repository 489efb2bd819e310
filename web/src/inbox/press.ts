import { useRef, type PointerEvent, type SyntheticEvent } from 'react'

/** How long a finger rests until it means something else than a tap, in milliseconds. */
const long = 500
/** How far it may stray, in pixels. */
const stray = 10

/** What an element needs to notice that a finger rests on it. */
export function useLongPress(on: boolean, pressed: () => void) {
  const begun = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout> } | null>(null)
  const end = () => {
    if (begun.current) clearTimeout(begun.current.timer)
    begun.current = null
  }
  if (!on) return {}
  return {
    onPointerDown: (e: PointerEvent) => {
      end()
      begun.current = { x: e.clientX, y: e.clientY, timer: setTimeout(pressed, long) }
    },
    onPointerMove: (e: PointerEvent) => {
      const from = begun.current
      if (from && Math.hypot(e.clientX - from.x, e.clientY - from.y) > stray) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu: (e: SyntheticEvent) => e.preventDefault(), // the browser's own answer to a finger that rests
    onDragStart: (e: SyntheticEvent) => e.preventDefault(),
  }
}
