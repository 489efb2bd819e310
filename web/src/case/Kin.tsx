import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Case } from '../api/types'
import { wordOf } from '../i18n'

type Kin_ = Pick<NonNullable<Case['parent']>, 'id' | 'number' | 'status' | 'outcome'> & { title?: string; process?: string }

/** The case that called this one, those that it has called, and those that it is linked with. */
export function Kin({ kase }: { kase: Case }) {
  const { t } = useTranslation()
  const children = kase.children ?? []
  const links = kase.links ?? []
  if (!kase.parent && !children.length && !links.length) return null
  return (
    <ul className="kin">
      {kase.parent && (
        <li>
          {t('case.parent')} <One kin={kase.parent} />
        </li>
      )}
      {children.map((child) => (
        <li key={child.id}>
          {t('case.child')} <One kin={child} />
        </li>
      ))}
      {links.map((link) => (
        <li key={link.case}>
          {t(`case.link.${link.kind}`)} <One kin={{ ...link, id: link.case }} />
        </li>
      ))}
    </ul>
  )
}

function One({ kin }: { kin: Kin_ }) {
  const { t } = useTranslation()
  const state = kin.outcome ? wordOf('outcome', kin.outcome) : t(`case.status.${kin.status}`)
  return (
    <>
      <Link to={`/cases/${kin.id}`}>
        {kin.title ?? kin.process} <span className="figure">{kin.number}</span>
      </Link>{' '}
      <span className="soft">{state}</span>
    </>
  )
}
