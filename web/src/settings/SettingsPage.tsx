import { useTranslation } from 'react-i18next'
import { useMe } from '../api/session'
import { Page } from '../components/Page'
import { About } from './About'
import { Absences } from './Absences'
import { Channels } from './Channels'
import { Company } from './Company'
import { Language } from './Language'
import { Password } from './Password'
import './settings.css'

/** What is one's own: language, password, absences, channels, the sign-in, and what this program is. */
export default function SettingsPage() {
  const { t } = useTranslation()
  const me = useMe()
  return (
    <Page title={t('page.settings')} sub={[me.name, me.title].filter(Boolean).join(' · ')}>
      <div className="settings">
        <Absences user={me.id} />
        <Channels />
        <Language />
        <Company />
        <Password />
        <About />
      </div>
    </Page>
  )
}
