import { useTranslation } from 'react-i18next'
import { Icon } from '../components/Icon'
import { speak, type Language } from '../i18n'

/** Chooses the other language, on this device; whoever is signed in may want to keep it with themselves too. */
export function LanguageChoice({ chosen }: { chosen?: (language: Language) => void }) {
  const { t, i18n } = useTranslation()
  const other: Language = i18n.language === 'en' ? 'zh' : 'en'
  return (
    <button type="button" className="language" lang={other === 'zh' ? 'zh-CN' : 'en'} title={t('app.languageLabel')} onClick={() => void speak(other).then(() => chosen?.(other))}>
      <Icon name="globe" />
      {t('app.language')}
    </button>
  )
}
