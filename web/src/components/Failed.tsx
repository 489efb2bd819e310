import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import { Empty } from './Empty'
import { NotFound } from './NotFound'

/** Why a problem is one, in words. */
export function useSay(): (thrown: unknown) => string {
  const { t } = useTranslation()
  return (thrown) => {
    const problem = problemOf(thrown)
    if (problem.code === 'lost') return t('state.lost')
    const located = problem.errors.map((e) => e.message).filter((m) => m !== problem.text)
    return [problem.text || problem.title || t('state.failed'), ...located].join('\n')
  }
}

/** Something couldn't be read: why, and another try. */
export function Failed({ problem: thrown, again }: { problem: unknown; again?: () => void }) {
  const { t } = useTranslation()
  const problem = problemOf(thrown)
  if (problem.code === 'not_found') return <NotFound />
  return (
    <Empty icon="alert" title={t('state.failed')} text={problem.unknown && !problem.text ? t('state.away') : problem.text}>
      {problem.requestId && <p className="soft">{t('state.request', { id: problem.requestId })}</p>}
      {again && <Button onClick={again}>{t('app.retry')}</Button>}
    </Empty>
  )
}
