import { Button } from 'antd'
import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from './Empty'

function Message() {
  const { t } = useTranslation()
  return (
    <Empty icon="alert" title={t('state.broken')} text={t('state.brokenText')}>
      <Button onClick={() => location.reload()}>{t('state.reload')}</Button>
    </Empty>
  )
}

/** Catches what breaks below it, so that a mistake of ours – or a page that a newer release has replaced – leaves words instead of nothing. */
export class Broken extends Component<{ at?: string; children: ReactNode }, { broken: boolean }> {
  override state = { broken: false }

  /** What broke at one address is no reason to show nothing at another. */
  override componentDidUpdate(before: { at?: string }) {
    if (before.at !== this.props.at && this.state.broken) this.setState({ broken: false })
  }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    return this.state.broken ? <Message /> : this.props.children
  }
}
