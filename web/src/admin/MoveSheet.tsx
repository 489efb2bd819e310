import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Sheet } from '../components/Sheet'

/** Asks once more before many cases move, with the reason that stands in each of them. */
export function MoveSheet({ count, close, move }: { count: number; close: () => void; move: (reason: string) => void }) {
  const { t } = useTranslation()
  const [reason, write] = useState('')
  const foot = (
    <div className="buttons">
      <Button onClick={close}>{t('app.cancel')}</Button>
      <Button type="primary" disabled={!reason.trim()} onClick={() => move(reason.trim())}>
        {t('versions.move', { count })}
      </Button>
    </div>
  )
  return (
    <Sheet title={t('versions.moveAsk', { count })} onClose={close} foot={foot}>
      <p>{t('versions.moveThen')}</p>
      <label className="labelled">
        <span>{t('act.reason')}</span>
        <Input.TextArea value={reason} onChange={(e) => write(e.target.value)} rows={3} maxLength={2000} />
      </label>
    </Sheet>
  )
}
