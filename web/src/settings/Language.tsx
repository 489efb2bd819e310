import { useMutation } from '@tanstack/react-query'
import { Segmented } from 'antd'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { queries } from '../api/queries'
import { Card } from '../components/Card'
import { useSay } from '../components/Failed'
import { Sentence } from '../components/Sentence'
import { language, speak, type Language as Spoken } from '../i18n'

/** Each language by its own name. */
const spoken = [
  { value: 'zh', label: '中文' },
  { value: 'en', label: 'English' },
]

/** Chooses the language of pages and messages. */
export function Language() {
  const { t } = useTranslation()
  const say = useSay()
  const keep = useMutation({
    mutationFn: (to: Spoken) => data(api.PATCH('/api/v1/session', { body: { language: to } })),
    onSuccess: (session) => queries.setQueryData(['session'], session),
  })
  return (
    <Card title={t('settings.language')}>
      <p className="soft">{t('settings.languageText')}</p>
      <Segmented<string>
        options={spoken}
        value={language()}
        onChange={(to) => void speak(to as Spoken).then(() => keep.mutate(to as Spoken))}
        aria-label={t('settings.language')}
      />
      {keep.error && <Sentence tone="bad">{say(keep.error)}</Sentence>}
    </Card>
  )
}
