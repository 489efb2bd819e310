import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useIntent } from '../api/intent'
import type { Case } from '../api/types'
import { Icon } from '../components/Icon'
import ActSheet, { type CaseAct } from './CaseActSheet'

const acts: CaseAct[] = ['urge', 'copy', 'withdraw', 'revoke', 'suspend', 'resume', 'jump', 'cancel']

/** What the reader may do with a case as a whole; each says what follows before it is done. */
export function CaseActions({ kase }: { kase: Case }) {
  const { t } = useTranslation()
  const [chosen, choose] = useState<CaseAct>()
  const intent = useIntent() // outlives the sheet: nobody may know yet whether what was sent arrived
  const offered = acts.filter((act) => kase.actions.includes(act))
  if (!offered.length) return null
  const alone = offered.length === 1 ? offered[0] : undefined
  return (
    <>
      {alone ? (
        <Button danger={alone === 'withdraw'} onClick={() => choose(alone)}>
          {t(`case.act.${alone}`)}
        </Button>
      ) : (
        <Dropdown
          trigger={['click']}
          menu={{ items: offered.map((act) => ({ key: act, label: t(`case.act.${act}`), danger: act === 'withdraw' || act === 'cancel' })), onClick: ({ key }) => choose(key as CaseAct) }}
        >
          <Button aria-label={t('app.more')} icon={<Icon name="more" />} />
        </Dropdown>
      )}
      {chosen && <ActSheet key={chosen} act={chosen} kase={kase} intent={intent} onClose={() => choose(undefined)} />}
    </>
  )
}
