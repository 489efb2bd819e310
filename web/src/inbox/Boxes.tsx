import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import { useCounts } from './counts'
import { boxes } from './Inbox'

/** The boxes with how much they hold. */
export function Boxes() {
  const { t } = useTranslation()
  const { data: counts } = useCounts()
  return (
    <nav className="boxes" aria-label={t('inbox.boxes')}>
      {boxes.map((box) => {
        const tasks = counts?.find((c) => c.box === box)
        const of = tasks?.cases ?? tasks // of what one has started, cases are listed
        return (
          <NavLink key={box} to={`/inbox/${box}`}>
            {t(`box.${box}`)}
            {of && of.count > 0 && <b className={of.overdue && box !== 'done' ? 'badge late' : 'badge'}>{of.more ? t('inbox.countMore', { count: of.count }) : of.count}</b>}
          </NavLink>
        )
      })}
    </nav>
  )
}
