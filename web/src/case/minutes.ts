import { useTranslation } from 'react-i18next'

/** Working minutes in a working day, as people reckon. */
const day = 8 * 60

/** Says working minutes as people count them: days of eight hours, hours, minutes. */
export function useMinutes(): (minutes: number) => string {
  const { t } = useTranslation()
  return (minutes) => {
    if (minutes < 60) return t('due.minutes', { count: minutes })
    const days = Math.floor(minutes / day)
    const hours = Math.floor((minutes % day) / 60)
    const parts = [...(days ? [t('case.workingDays', { count: days })] : []), ...(hours ? [t('due.hours', { count: hours })] : [])]
    return parts.join(' ')
  }
}
