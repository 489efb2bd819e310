import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'
import type { Task } from '../api/types'
import { useAct } from '../task/act'

/** Takes a task that is open to several, and opens it. */
export function ClaimButton({ task }: { task: Task }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const at = useLocation()
  // The list may have learnt of it first, and the row be gone; whoever has gone on to something else isn't taken away from it.
  const { act, sending } = useAct(task.id, () => {}, () => {
    if (location.pathname === at.pathname) void go(`/tasks/${task.id}`)
  })
  return (
    <Button className="act" loading={sending} onClick={() => act('claim', {})} title={t('act.claimThen')}>
      {t('act.claim')}
    </Button>
  )
}
