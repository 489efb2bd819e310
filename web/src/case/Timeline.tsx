import { useTranslation } from 'react-i18next'
import type { Entry } from '../api/types'
import { dateOf, sayDay, sayMoment, sayWeekday, useClock, wall } from '../app/time'
import { wordOf } from '../i18n'
import { Beside } from './Beside'
import { sentenceOf, type Teller } from './sentences'

/** Entries by day, in order. */
export function byDay(entries: Entry[]): [string, Entry[]][] {
  const days = new Map<string, Entry[]>()
  for (const entry of entries) {
    const { date } = wall(entry.at)
    days.set(date, [...(days.get(date) ?? []), entry])
  }
  return [...days]
}

/** How sentences are worded in the reader's language. */
export function useTeller(): Teller {
  const { t, i18n } = useTranslation()
  const clock = useClock()
  return {
    english: i18n.language === 'en',
    moment: (at) => sayMoment(at, clock),
    list: (words) => words.join(t('app.list')),
    word: (kind, id) => wordOf(kind, id),
    step: (title, item) => (item ? t('timeline.stepItem', { title, item }) : t('timeline.step', { title })),
    name: (who) => t(`timeline.${who}`),
  }
}

/** What happened to a case, a sentence each, to be read to the customer. */
export function Timeline({ entries }: { entries: Entry[] }) {
  const { t } = useTranslation()
  const clock = useClock()
  const teller = useTeller()
  const today = clock && dateOf(clock)
  const words = t as (key: string, values: { [name: string]: string }) => string
  return (
    <div className="timeline">
      {byDay(entries).map(([date, of]) => (
        <section key={date}>
          <h3>
            {t('case.day', { day: sayDay(date, today), weekday: sayWeekday(date) })}
          </h3>
          <ol>
            {of.map((entry) => {
              const said = sentenceOf(entry, teller)
              return (
                <li key={entry.seq} className={said.weight}>
                  <p>
                    {words(`timeline.${said.key}`, said.values)}
                    {said.quote && <q>{said.quote}</q>}
                  </p>
                  {said.filled && <small>{t('timeline.filled', { fields: said.filled })}</small>}
                  <Beside entry={entry} />
                </li>
              )
            })}
          </ol>
        </section>
      ))}
    </div>
  )
}
