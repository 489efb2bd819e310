import { Button } from 'antd'
import { useTranslation } from 'react-i18next'
import type { Box } from '../api/types'
import { Sentence } from '../components/Sentence'
import { bulkActs, mostAtOnce, type BulkAct } from './bulk'
import type { Chosen } from './chosen'

/** What can be done with the chosen tasks, where the thumb is. */
export function BulkBar({ box, of, ask }: { box: Box; of: Chosen; ask: (act: BulkAct) => void }) {
  const { t } = useTranslation()
  const count = of.chosen.size
  return (
    <div className="actbar bulk" role="group" aria-label={t('bulk.bar')}>
      <span className="count" aria-live="polite">
        {count === mostAtOnce ? t('bulk.most', { count }) : t('bulk.chosen', { count })}
      </span>
      <button type="button" className="link" onClick={of.all}>
        {t('bulk.all')}
      </button>
      <button type="button" className="link" onClick={of.end}>
        {t('app.cancel')}
      </button>
      <span className="forward">
        {bulkActs(box)
          .toReversed()
          .map((act) => (
            <Button key={act} type={act === 'reject' ? 'default' : 'primary'} danger={act === 'reject'} size="large" disabled={!count} onClick={() => ask(act)}>
              {t(`bulk.act.${act}`)}
            </Button>
          ))}
      </span>
    </div>
  )
}

/** Which chosen tasks dropped out, and why. */
export function DroppedOut({ of }: { of: Chosen }) {
  const { t } = useTranslation()
  if (!of.dropped.length) return null
  return (
    <Sentence tone="warn" title={t('bulk.dropped')}>
      <ul>
        {of.dropped.map(({ task, because }) => (
          <li key={task.id}>
            {task.subject} <span className="figure">{task.number}</span> · {t(`bulk.because.${because}`)}
          </li>
        ))}
      </ul>
    </Sentence>
  )
}
