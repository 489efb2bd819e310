import { Button, Input } from 'antd'
import { useTranslation } from 'react-i18next'
import type { NewWebhook } from '../api/types'
import { Card } from '../components/Card'
import { tell } from '../components/told'

/** What the messages of a new webhook are signed with, which nobody can read again. */
export function Secret({ of }: { of: NewWebhook }) {
  const { t } = useTranslation()
  const copy = () => void navigator.clipboard.writeText(of.secret).then(() => tell(t('app.copied')))
  return (
    <Card title={t('webhooks.secret')} className="secret">
      <p>{t('webhooks.secretText')}</p>
      <p className="soft small address">{of.url}</p>
      <div className="copied">
        <Input readOnly aria-label={t('webhooks.secret')} value={of.secret} onFocus={(e) => e.target.select()} />
        {'clipboard' in navigator && <Button onClick={copy}>{t('webhooks.copy')}</Button>}
      </div>
    </Card>
  )
}
