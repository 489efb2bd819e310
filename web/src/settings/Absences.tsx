import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { usePerson } from '../api/people'
import { queries } from '../api/queries'
import { useAdmin, useMe } from '../api/session'
import type { Absence } from '../api/types'
import { dateOf, sayDay, useClock } from '../app/time'
import { Card } from '../components/Card'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { tell } from '../components/told'
import { AbsenceSheet } from './AbsenceSheet'
import { useProcessTitles } from './processes'
import './settings.css'

/** Absences that are now or to come: of one person, or those for which one stands in. */
function useAbsences(of: { user: string } | { stand_in: string }) {
  return useQuery({ queryKey: ['absences', of], queryFn: () => data(api.GET('/api/v1/absences', { params: { query: { ...of, limit: 100 } } })).then(({ items }) => items) })
}

/** When somebody is away and who stands in, and for whom they stand in themselves. What is one's own, and for administrators anybody's, can be changed. */
export function Absences({ user }: { user: string }) {
  const { t } = useTranslation()
  const me = useMe()
  const admin = useAdmin()
  const [adding, add] = useState(false)
  const mayChange = user === me.id || admin
  const away = useAbsences({ user })
  const standsIn = useAbsences({ stand_in: user })
  const both = away.data && standsIn.data
  return (
    <Card title={t('settings.absences')} extra={mayChange && <Button onClick={() => add(true)}>{t('settings.add')}</Button>}>
      {mayChange && <p className="soft">{t(user === me.id ? 'settings.absencesText' : 'settings.absencesOf')}</p>}
      {both ? (
        <>
          <List absences={away.data} mayChange={mayChange} />
          {standsIn.data.length > 0 && (
            <>
              <h3 className="label">{t('settings.standsIn')}</h3>
              <List absences={standsIn.data} mayChange={admin} of />
            </>
          )}
        </>
      ) : away.error || standsIn.error ? (
        <Failed problem={away.error ?? standsIn.error} again={() => void Promise.all([away.refetch(), standsIn.refetch()])} />
      ) : (
        <Loading rows={1} />
      )}
      {adding && <AbsenceSheet user={user} close={() => add(false)} />}
    </Card>
  )
}

/** Absences as a list; `of` says whose they are rather than who stands in. */
function List({ absences, mayChange, of = false }: { absences: Absence[]; mayChange: boolean; of?: boolean }) {
  const { t } = useTranslation()
  const shown = absences.filter((a) => !a.cancelled).sort((a, b) => (a.from < b.from ? -1 : 1))
  if (!shown.length) return <p className="soft">{t('settings.noAbsences')}</p>
  return (
    <ul className="absences">
      {shown.map((absence) => (
        <One key={absence.id} absence={absence} mayChange={mayChange} of={of} />
      ))}
    </ul>
  )
}

/** The days of an absence in words, and whether it is now. */
function useWhen(absence: Absence): { when: string; now: boolean } {
  const { t } = useTranslation()
  const clock = useClock()
  const today = clock && dateOf(clock)
  const from = sayDay(absence.from, today)
  const now = Boolean(today && absence.from <= today && (!absence.to || absence.to >= today))
  if (!absence.to) return { when: t('settings.until', { from }), now }
  if (absence.to === absence.from) return { when: t('settings.day', { from }), now }
  return { when: t('settings.period', { from, to: sayDay(absence.to, today) }), now }
}

function One({ absence, mayChange, of }: { absence: Absence; mayChange: boolean; of: boolean }) {
  const { t } = useTranslation()
  const say = useSay()
  const [changing, change] = useState(false)
  const other = usePerson(of ? absence.user : absence.stand_in)
  const titles = useProcessTitles()
  const { when, now } = useWhen(absence)
  const { mutate, isPending } = useMutation({
    mutationFn: () => data(api.PATCH('/api/v1/absences/{id}', { params: { path: { id: absence.id } }, body: { cancelled: true } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['absences'] })
      tell(t('settings.cancelled'))
    },
    onError: (thrown) => tell(say(thrown)),
  })
  const who = of ? t('settings.for', { who: other?.name ?? absence.user }) : absence.stand_in ? t('settings.by', { who: other?.name ?? absence.stand_in }) : t('settings.byNobody')
  const only = absence.processes.length > 0 && t('settings.only', { processes: absence.processes.map((id) => titles.get(id) ?? id).join(t('app.list')) })
  return (
    <li>
      <span>
        <b>
          {when} {now && <span className="now">{t('settings.now')}</span>}
        </b>
        <span className="soft">{[who, only].filter(Boolean).join(' · ')}</span>
      </span>
      {mayChange && (
        <span className="acts">
          <Button onClick={() => change(true)}>{t('settings.changeAbsence')}</Button>
          <Popconfirm title={t(now ? 'settings.endAsk' : 'settings.cancelAsk')} okText={t('act.confirm')} cancelText={t('app.close')} onConfirm={() => mutate()}>
            <Button loading={isPending}>{t('settings.cancelAbsence')}</Button>
          </Popconfirm>
        </span>
      )}
      {changing && <AbsenceSheet user={absence.user} absence={absence} close={() => change(false)} />}
    </li>
  )
}
