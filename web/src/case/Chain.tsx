import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { sayMoment, useClock } from '../app/time'
import { Due } from '../components/Due'
import { Icon, type IconName } from '../components/Icon'
import { Names } from '../components/Person'
import { wordOf } from '../i18n'
import type { Alternative, Answer, Node } from './chain'

/** The chain of a case, drawn from top to bottom: what is passed, where it stands, what comes. */
export function Chain({ nodes }: { nodes: Node[] }) {
  return (
    <ol className="chain">
      {nodes.map((node) => (
        <Step key={node.key} node={node} />
      ))}
    </ol>
  )
}

/** What the system does by itself: a line is enough. */
const silent = ['set', 'create', 'notify', 'decide', 'choose', 'end']

const marks: { [status: string]: IconName } = { done: 'check', returned: 'return', open: 'clock', voided: 'return' }

function Step({ node }: { node: Node }) {
  const { t } = useTranslation()
  const icon = marks[node.status]
  const small = silent.includes(node.kind)
  return (
    <li className={`step ${node.status} ${small ? 'small' : ''}`} aria-current={node.asked.length ? 'step' : undefined}>
      <span className="mark">{icon && !small && <Icon name={icon} size={14} />}</span>
      <div className="what">
        {node.branch && <span className="soft">{node.branch}</span>}
        <h3>
          {node.title}
          {node.item && <span className="item">{node.item}</span>}
          {node.round > 1 && <span className="round">{t('case.round', { count: node.round })}</span>}
        </h3>
        {(node.status === 'passed_over' || node.status === 'left') && <p className="soft">{t(`case.step.${node.status}`)}</p>}
        {node.answers.length > 0 && (
          <ul className="answers">
            {node.answers.map((answer) => (
              <Answered key={answer.entry.seq} answer={answer} />
            ))}
          </ul>
        )}
        {node.asked.map((asked) => (
          <p key={asked.task} className="asked">
            <Link to={`/tasks/${asked.task}`}>{asked.who.length ? <Names ids={asked.who} /> : t('timeline.nobody')}</Link> <Due at={asked.due} />
          </p>
        ))}
        {node.status === 'coming' && <Ways ways={node.ways} />}
        {node.children.length > 0 && <Chain nodes={node.children} />}
      </div>
    </li>
  )
}

function Answered({ answer }: { answer: Answer }) {
  const { t } = useTranslation()
  const clock = useClock()
  const { entry, outcome } = answer
  const name = (id: string) => entry.names[id] ?? id
  const word = entry.event === 'returned' ? t('case.returned') : outcome ? (entry.words[outcome] ?? wordOf('outcome', outcome)) : ''
  return (
    <li className={entry.event === 'returned' ? 'returned' : (outcome ?? '')}>
      <b>{answer.by ? name(answer.by) : t('app.system')}</b>
      {answer.for && <span className="soft"> {t('event.for', { who: name(answer.for) })}</span>} <span className="outcome">{word}</span>{' '}
      <time dateTime={answer.at}>{sayMoment(answer.at, clock)}</time>
      {answer.comment && <q>{answer.comment}</q>}
    </li>
  )
}

/** Who is asked at a coming step, or the alternatives where nobody knows yet. */
export function Ways({ ways }: { ways: Alternative[] }) {
  const { t } = useTranslation()
  if (ways.length === 1 && ways[0]?.certain) return <Way way={ways[0]} />
  return (
    <ul className="ways">
      {ways.map((way, i) => (
        <li key={i}>
          <span className="when">{way.when ? t('case.when', { condition: way.when }) : t('case.perhaps')}</span>
          <Way way={way} />
        </li>
      ))}
    </ul>
  )
}

function Way({ way }: { way: Alternative }) {
  const { t } = useTranslation()
  const named = way.who.flatMap((p) => (p.user ? [p.user] : []))
  const reasons = [...new Set(way.who.map((p) => p.because).filter(Boolean))]
  const why = [...reasons, ...(way.because && !reasons.includes(way.because) ? [way.because] : [])]
  return (
    <>
      {way.who.length > 0 && <p className="asked">{named.length ? <Names ids={named} most={5} /> : t('app.someone')}</p>}
      {why.length > 0 && <p className="soft">{why.join(t('case.semicolon'))}</p>}
      {way.due && <p className="soft">{t('case.earliest')} <Due at={way.due} /></p>}
    </>
  )
}
