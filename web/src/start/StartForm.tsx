import { useMutation, useQuery } from '@tanstack/react-query'
import { Button, Form } from 'antd'
import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { problemOf } from '../api/problem'
import { queries } from '../api/queries'
import { useMe } from '../api/session'
import type { Process } from '../api/types'
import { Card } from '../components/Card'
import { Empty } from '../components/Empty'
import { Failed, useSay } from '../components/Failed'
import { Loading } from '../components/Loading'
import { Page } from '../components/Page'
import { Sentence } from '../components/Sentence'
import { emptyOf, FormFields, isEmpty, ReadFields, useUploading, valuesOf, type Values } from '../components/form'
import { fieldsOf, useRecord, useType } from '../records/queries'
import { useSimilar, type About } from './asked'
import { useProcesses } from './processes'
import { Picking } from '../task/Picking'
import { useDraft } from '../task/draft'
import { Kept } from './Kept'
import { SimilarHits } from './SimilarHits'
import { WhoIsAsked } from './WhoIsAsked'
import './start.css'
import { tell } from '../components/told'

/** Starts a process: with a new record, or on one that is there (?type=…&id=…). */
export default function StartForm() {
  const { t } = useTranslation()
  const { process = '' } = useParams()
  const [params] = useSearchParams()
  const { data: all, error, refetch } = useProcesses()
  if (error && !all) return <Failed problem={error} again={() => void refetch()} />
  if (!all) return <Loading page />
  const found = all.find((p) => p.id === process)
  if (!found) return <Empty icon="search" title={t('state.notFound')} text={t('state.notFoundText')} />
  const type = params.get('type')
  const id = params.get('id')
  return type && id ? <OnRecord key={id} process={found} type={type} id={id} /> : <WithNew key={process} process={found} />
}

/** Sends a start, and lands on the case unless the reader has gone somewhere else meanwhile. */
function useStart(done: () => void) {
  const { t } = useTranslation()
  const go = useNavigate()
  const intent = useIntent()
  const start = useMutation({
    mutationFn: (body: About) => data(api.POST('/api/v1/cases', { params: { header: { 'Idempotency-Key': intent.key(body) } }, body })),
    onSuccess: (kase) => {
      intent.answered()
      done()
      for (const queryKey of [['records'], ['record'], ['cases']]) void queries.invalidateQueries({ queryKey })
      tell(t('start.sent', { number: kase.number }))
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const open = (kase: { id: string }) => void go(`/cases/${kase.id}`, { replace: true })
  return { ...start, start: (body: About) => start.mutate(body, { onSuccess: open }), problem: start.error ? problemOf(start.error) : null }
}

function WithNew({ process }: { process: Process }) {
  const { t } = useTranslation()
  const [form] = Form.useForm<Values>()
  const { begun, kept, save, forget } = useDraft(useMe().id, `start.${process.id}`)
  const [first] = useState<Values>(() => ({ ...valuesOf(process.form), ...begun?.fields }))
  const values: Values = Form.useWatch([], form) ?? first
  const { data: type } = useType(process.record.type)
  const { data: hits } = useSimilar(type, values)
  const { start, isPending, problem } = useStart(forget)
  const written = JSON.stringify(values)
  useEffect(() => {
    if (written === JSON.stringify(valuesOf(process.form))) forget()
    else save({ comment: '', fields: JSON.parse(written) as Values })
  }, [written, save, forget, process.form])
  const anew = () => form.setFieldsValue({ ...emptyOf(process.form), ...valuesOf(process.form) })
  const filled = Object.fromEntries(process.form.flatMap((f) => (isEmpty(values[f.field]) ? [] : [[f.field, values[f.field]]])))
  const ready = process.form.every((f) => !f.required || !isEmpty(values[f.field]))
  const [picks, pick] = useState<string[]>([])
  const about: About = { process: process.id, with: filled, ...(picks.length > 0 && { picks }) }
  return (
    <Layout process={process} picks={picks} pick={pick} sub={t('start.on', { record: process.record.title })} about={about} ready={ready} problem={problem} sending={isPending} send={() => form.submit()}>
      <Card title={t('start.fill')}>
        <Form form={form} layout="vertical" initialValues={first} onFinish={() => start(about)} scrollToFirstError requiredMark className="fields">
          <FormFields fields={process.form} form={form} problem={problem} />
        </Form>
        {kept && <Kept clear={anew} />}
        <SimilarHits hits={hits ?? []} fields={process.form} />
      </Card>
    </Layout>
  )
}

function OnRecord({ process, type, id }: { process: Process; type: string; id: string }) {
  const { t } = useTranslation()
  const { data: record, error, refetch } = useRecord(type, id)
  const { data: of } = useType(type)
  const { start, isPending, problem } = useStart(() => undefined)
  const [picks, pick] = useState<string[]>([])
  const { data: open } = useQuery({
    queryKey: ['cases', 'of', id, process.id, 'open'],
    queryFn: () => data(api.GET('/api/v1/cases', { params: { query: { record: id, process: process.id, status: 'running', limit: 1 } } })),
    enabled: process.one_open_per_record,
  })
  const go = useNavigate()
  if (error && !record) return <Failed problem={error} again={() => void refetch()} />
  if (!record) return <Loading page />
  const about: About = { process: process.id, record: { type, id }, ...(picks.length > 0 && { picks }) }
  const there = open?.items[0]
  return (
    <Layout process={process} picks={picks} pick={pick} sub={record.title} about={about} ready={!there} problem={problem} sending={isPending} send={() => start(about)} blocked={Boolean(there)}>
      {there && (
        <Sentence tone="warn" title={t('start.one')}>
          <Button type="link" onClick={() => void go(`/cases/${there.id}`)}>
            {t('start.openThere')} {there.number}
          </Button>
        </Sentence>
      )}
      <Card title={t('start.existing')}>
        <ReadFields fields={fieldsOf(of, record)} />
      </Card>
    </Layout>
  )
}

interface LayoutProps {
  process: Process
  picks: string[]
  pick: (people: string[]) => void
  sub: string
  about: About
  ready: boolean
  problem: ReturnType<typeof problemOf> | null
  sending: boolean
  send: () => void
  blocked?: boolean
  children: ReactNode
}

/** What both have in common: the content, who is asked, and the button at the thumb. */
function Layout({ process, picks, pick, sub, about, ready, problem, sending, send, blocked = false, children }: LayoutProps) {
  const { t } = useTranslation()
  const say = useSay()
  const uploading = useUploading()
  return (
    <Page title={process.title} sub={sub} back="/start">
      <div className="halves">
        <div>
          {children}
          {process.picks && (
            <Card title={t('picks.card')}>
              <Picking picks={process.picks} value={picks} onChange={pick} wrong={problem?.of('picks') ?? ''} />
            </Card>
          )}
        </div>
        <WhoIsAsked about={about} ready={ready} />
      </div>
      <footer className="sendbar">
        {problem && (
          <Sentence tone="bad" title={problem.unknown ? t('start.again') : t('task.refused')}>
            {say(problem)}
          </Sentence>
        )}
        <Button type="primary" size="large" loading={sending} disabled={blocked || uploading} onClick={send}>
          {t(sending ? 'start.sending' : 'start.send')}
        </Button>
      </footer>
    </Page>
  )
}
