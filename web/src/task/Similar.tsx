import { useTranslation } from 'react-i18next'
import type { Reference, Task } from '../api/types'
import { Name } from '../components/Person'
import { Sentence } from '../components/Sentence'
import { RecordLink } from '../components/form/Value'
import { wordOf } from '../i18n'

interface Alike {
  record: Reference
  owner: string
  because: string[]
  exact: boolean
}

/** Records that may be the same as this one, with who looks after them: shown before a customer is approved twice. */
export function Similar({ task }: { task: Task }) {
  const { t } = useTranslation()
  const found = (task as { similar?: Alike[] }).similar ?? []
  if (!found.length || task.status === 'closed') return null
  return (
    <Sentence tone="warn" title={t('task.similar')}>
      <ul>
        {found.map(({ record, owner, because, exact }) => (
          <li key={record.id}>
            {record.title ? <RecordLink to={record} /> : t('task.similarUnseen')}
            {' – '}
            {because.map((field) => wordOf('field', field)).join(t('app.list'))}
            {exact && ` (${t('task.similarExact')})`}
            {owner && (
              <>
                {' · '}
                {t('task.similarOwner', { who: '' })}
                <Name id={owner} />
              </>
            )}
          </li>
        ))}
      </ul>
    </Sentence>
  )
}
