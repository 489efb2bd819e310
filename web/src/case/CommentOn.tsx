import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, data } from '../api/client'
import { useIntent } from '../api/intent'
import { queries } from '../api/queries'
import { useSay } from '../components/Failed'
import { PersonPick } from '../components/form'
import { Sentence } from '../components/Sentence'

/** What is sent of a comment. */
interface Sent {
  comment: string
  mention?: string[]
}

/** Says something beside the case: it stands in its timeline, and whoever is mentioned is told. */
export function CommentOn({ id }: { id: string }) {
  const { t } = useTranslation()
  const say = useSay()
  const intent = useIntent()
  const [comment, write] = useState('')
  const [mention, name] = useState<string[]>([])
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Sent) => data(api.POST('/api/v1/cases/{id}/comments', { params: { path: { id }, header: { 'Idempotency-Key': intent.key(body) } }, body })),
    onSuccess: () => {
      intent.answered()
      write('')
      name([])
      void queries.invalidateQueries({ queryKey: ['case', id] })
    },
    onError: (thrown) => intent.answered(thrown),
  })
  const words = comment.trim()
  return (
    <form
      className="comment-on"
      onSubmit={(e) => {
        e.preventDefault()
        if (words) mutate({ comment: words, ...(mention.length > 0 && { mention }) })
      }}
    >
      {error && <Sentence tone="bad">{say(error)}</Sentence>}
      <Input.TextArea aria-label={t('case.comment')} placeholder={t('case.commentHint')} rows={2} maxLength={10000} value={comment} onChange={(e) => write(e.target.value)} />
      {words && (
        <div className="with">
          <PersonPick many aria-label={t('case.mention')} placeholder={t('case.mention')} value={mention} onChange={(to) => name((to as string[] | undefined) ?? [])} />
          <Button htmlType="submit" loading={isPending}>
            {t('case.commentSend')}
          </Button>
        </div>
      )}
    </form>
  )
}
