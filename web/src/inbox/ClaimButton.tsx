import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Task } from '../api/types'
import { useAct } from '../task/act'

/** Takes a task that is open to several, and opens it. */
export function ClaimButton({ task }: { task: Task }) {
  const { t } = useTranslation()
  const go = useNavigate()
  const { act, sending } = useAct(task.id, () => void go(`/tasks/${task.id}`))
  return (
    <Button className="act" loading={sending} onClick={() => act('claim', {})} title={t('act.claimThen')}>
      {t('act.claim')}
    </Button>
  )
}
