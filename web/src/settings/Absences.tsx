import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { queries } from '../api/queries'
import { dateOf, sayDay, useClock } from '../app/time'
import { Card } from '../components/Card'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { usePerson } from '../api/people'
import { useProcessTitles } from './processes'
import { AbsenceSheet } from './AbsenceSheet'
import { tell } from '../components/told'

/** The reader's absences that are now or to come. */
function useAbsences() {
  return useQuery({ queryKey: ['absences', 'me'], queryFn: () => data(api.GET('/api/v1/absences', { params: { query: { user: 'me', limit: 100 } } })).then(({ items }) => items) })
}

type Absence = NonNullable<ReturnType<typeof useAbsences>['data']>[number]

/** When one is away, and who stands in. */
export function Absences() {
  const { t } = useTranslation()
  const [adding, add] = useState(false)
  const { data: all, error, refetch } = useAbsences()
  const shown = (all ?? []).filter((a) => !a.cancelled)
  return (
    <Card title={t('settings.absences')} extra={<Button onClick={() => add(true)}>{t('settings.add')}</Button>}>
      <p className="soft">{t('settings.absencesText')}</p>
      {error && !all ? (
        <Failed problem={error} again={() => void refetch()} />
      ) : !all ? (
        <Loading rows={1} />
      ) : shown.length ? (
        <ul className="absences">
          {shown.map((absence) => (
            <One key={absence.id} absence={absence} />
          ))}
        </ul>
      ) : (
        <p className="soft">{t('settings.noAbsences')}</p>
      )}
      {adding && <AbsenceSheet close={() => add(false)} />}
    </Card>
  )
}

function One({ absence }: { absence: Absence }) {
  const { t } = useTranslation()
  const say = useSay()
  const clock = useClock()
  const today = clock && dateOf(clock)
  const standIn = usePerson(absence.stand_in)
  const titles = useProcessTitles()
  const { mutate, isPending } = useMutation({
    mutationFn: () => data(api.PATCH('/api/v1/absences/{id}', { params: { path: { id: absence.id } }, body: { cancelled: true } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['absences'] })
      tell(t('settings.cancelled'))
    },
    onError: (thrown) => tell(say(thrown)),
  })
  const from = sayDay(absence.from, today)
  const when = !absence.to
    ? t('settings.until', { from })
    : absence.to === absence.from
      ? t('settings.day', { from })
      : t('settings.period', { from, to: sayDay(absence.to, today) })
  return (
    <li>
      <span>
        <b>{when}</b>
        <span className="soft">
          {absence.stand_in ? t('settings.by', { who: standIn?.name ?? absence.stand_in }) : t('settings.byNobody')}
          {absence.processes.length > 0 && ' · ' + t('settings.only', { processes: absence.processes.map((id) => titles.get(id) ?? id).join(t('app.list')) })}
        </span>
      </span>
      <Popconfirm title={t('settings.cancelAsk')} okText={t('act.confirm')} cancelText={t('app.close')} onConfirm={() => mutate()}>
        <Button loading={isPending}>{t('settings.cancelAbsence')}</Button>
      </Popconfirm>
    </li>
  )
}
