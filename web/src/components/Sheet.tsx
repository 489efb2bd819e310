import { Drawer } from 'antd'
import { useLayoutEffect, type ReactNode } from 'react'
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
  useReturn()
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

/** What a sheet that has just gone was opened with: the one that follows it at once was, too. */
let left: Element | null = null

/** Gives the keyboard back, when the sheet is gone, to what it was opened with. */
function useReturn(): void {
  useLayoutEffect(() => {
    const at = document.activeElement
    const from = at === document.body ? left : at
    return () => {
      left = from
      // Not before the sheet has let go of it, and not if something else has taken it meanwhile: another sheet, or the page that came.
      requestAnimationFrame(() => {
        left = null
        if (document.activeElement === document.body && from instanceof HTMLElement && from.isConnected) from.focus({ preventScroll: true })
      })
    }
  }, [])
}
