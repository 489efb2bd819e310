import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import { useMe } from '../api/session'
import type { FileRef } from '../api/types'
import { useSay } from '../components/Failed'
import { PersonPick, useUploading } from '../components/form'
import { FileInput } from '../components/form/FileInput'
import { Sentence } from '../components/Sentence'
import { useDraft } from '../task/draft'

/** What is sent of a comment. */
interface Sent {
  comment: string
  mention?: string[]
  files?: { id: string }[]
}

/** The most files that one comment takes. */
const most = 20
const attached = { field: 'files', title: '', type: 'file', many: true }

/** Says something beside the case: it stands in its timeline, and whoever is mentioned is told. */
export function CommentOn({ id }: { id: string }) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const { begun, save, forget } = useDraft(useMe().id, `comment.${id}`)
  const [comment, write] = useState(begun?.comment ?? '')
  const [mention, name] = useState((begun?.fields.mention ?? []) as string[])
  const [files, attach] = useState((begun?.fields.files ?? []) as FileRef[])
  useEffect(() => {
    save({ comment, fields: { ...(mention.length > 0 && { mention }), ...(files.length > 0 && { files }) } })
  }, [comment, mention, files, save])
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Sent) => data(api.POST('/api/v1/cases/{id}/comments', { params: { path: { id }, header: { 'Idempotency-Key': intent.key(body) } }, body })),
    onSuccess: (_, sent) => {
      intent.answered()
      forget()
      // what was written or attached while it was on its way hasn't been sent
      write((now) => (now.trim() === sent.comment ? '' : now))
      name([])
      attach((now) => now.filter((file) => !sent.files?.some(({ id }) => id === file.id)))
      void queries.invalidateQueries({ queryKey: ['case', id] })
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const uploading = useUploading()
  const words = comment.trim()
  return (
    <form
      className="comment-on"
      onSubmit={(e) => {
        e.preventDefault()
        if ((words || files.length) && !uploading) mutate({ comment: words, ...(mention.length > 0 && { mention }), ...(files.length > 0 && { files: files.map(({ id }) => ({ id })) }) })
      }}
    >
      {error && <Sentence tone="bad">{say(error)}</Sentence>}
      <Input.TextArea aria-label={t('case.comment')} placeholder={t('case.commentHint')} rows={2} maxLength={10000} value={comment} onChange={(e) => write(e.target.value)} />
      <FileInput field={attached} value={files} onChange={(to) => attach(((to as FileRef[] | undefined) ?? []).slice(0, most))} word={t('copies.attach')} />
      {(words || files.length > 0) && (
        <div className="with">
          <PersonPick many aria-label={t('case.mention')} placeholder={t('case.mention')} value={mention} onChange={(to) => name((to as string[] | undefined) ?? [])} />
          <Button htmlType="submit" loading={isPending} disabled={uploading}>
            {t('case.commentSend')}
          </Button>
        </div>
      )}
    </form>
  )
}
