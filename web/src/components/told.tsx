import { useEffect, useState } from 'react'
import { Link } from 'react-router'

/** How long a remark stays, in milliseconds; one that leads somewhere stays longer, so that there is time to follow it. */
const stays = 5000
const staysWithLink = 8000

/** Where a remark leads. */
interface Lead {
  to: string
  word: string
}

interface Remark {
  text: string
  lead: Lead | undefined
  n: number
}

let show: (text: string, lead?: Lead) => void = () => {}

/** Says something that was done, for a moment, wherever the reader is by then. */
export function tell(text: string, lead?: Lead): void {
  show(text, lead)
}

/** Where such remarks appear, and are read out. */
export function Told() {
  const [said, say] = useState<Remark | null>(null)
  useEffect(() => {
    show = (text, lead) => say((was) => ({ text, lead, n: (was?.n ?? 0) + 1 }))
    return () => {
      show = () => {}
    }
  }, [])
  useEffect(() => {
    if (!said) return
    const timer = setTimeout(() => say(null), said.lead ? staysWithLink : stays)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <div className="told" role="status">
      {said && (
        <p key={said.n}>
          {said.text}
          {said.lead && (
            <>
              {' '}
              <Link to={said.lead.to} onClick={() => say(null)}>
                {said.lead.word}
              </Link>
            </>
          )}
        </p>
      )}
    </div>
  )
}
