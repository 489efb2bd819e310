import { useEffect, useState } from 'react'

/** How long a remark stays, in milliseconds. */
const stays = 5000

let show: (text: string) => void = () => {}

/** Says something that was done, for a moment, wherever the reader is by then. */
export function tell(text: string): void {
  show(text)
}

/** Where such remarks appear, and are read out. */
export function Told() {
  const [said, say] = useState<{ text: string; n: number } | null>(null)
  useEffect(() => {
    show = (text) => say((was) => ({ text, n: (was?.n ?? 0) + 1 }))
    return () => {
      show = () => {}
    }
  }, [])
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => say(null), stays)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <div className="told" role="status">
      {said && <p key={said.n}>{said.text}</p>}
    </div>
  )
}
