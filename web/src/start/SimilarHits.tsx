import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { Similar } from '../api/types'
import { Name } from '../components/Person'
import { Sentence } from '../components/Sentence'
import { titleOf, type Field } from '../components/form'

/** Records that may be the same, with whoever has them now. */
export function SimilarHits({ hits, fields }: { hits: Similar[]; fields: Field[] }) {
  const { t } = useTranslation()
  if (!hits.length) return null
  const label = (name: string) => titleOf(fields.find((f) => f.field === name) ?? { field: name, title: name, type: 'text' })
  return (
    <Sentence tone="warn" title={t('start.similar')}>
      <p>{t('start.similarText')}</p>
      <ul className="hits">
        {hits.map((hit) => (
          <li key={hit.record.id}>
            {hit.record.title ? (
              <Link to={`/records/${hit.record.type}/${hit.record.id}`} target="_blank">
                {hit.record.title}
              </Link>
            ) : (
              t('task.similarUnseen')
            )}{' '}
            <span className="soft">
              {t(hit.exact ? 'start.exact' : 'start.like')}
              {t('app.of', { name: '' })}
              {hit.because.map(label).join(t('app.list'))}
              {hit.owner && (
                <>
                  {' · '}
                  {t('records.owner')} <Name id={hit.owner} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Sentence>
  )
}
