import { Drawer } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useDesk } from '../app/media'

interface Props {
  title: string
  onClose: () => void
  /** Stays visible below what scrolls: the buttons. */
  foot?: ReactNode
  children: ReactNode
}

/** A question on top of the page: from below at the thumb on a phone, at the side on a desk. */
export function Sheet({ title, onClose, foot, children }: Props) {
  const { t } = useTranslation()
  const desk = useDesk()
  return (
    <Drawer
      rootClassName={desk ? 'sheet desk' : 'sheet'}
      placement={desk ? 'right' : 'bottom'}
      open
      onClose={onClose}
      title={title}
      footer={foot}
      closable={{ 'aria-label': t('app.close') }}
    >
      {children}
    </Drawer>
  )
}
