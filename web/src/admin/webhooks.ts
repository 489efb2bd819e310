import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { useTranslation } from 'react-i18next'
import { api, data, every } from '../api/client'
import { queries } from '../api/queries'
import type { Webhook } from '../api/types'
import { poll } from '../app/live'
import { useSay } from '../components/Failed'
import { tell } from '../components/told'
import { eventWords } from '../i18n'

/** How often one webhook and its messages are read again, in milliseconds. Nothing tells the page of them. */
const watch = 5000

/** Every event that a webhook can ask for. */
export const events = Object.keys(eventWords).filter((word) => word !== 'for' && word !== 'other')

/** Who hears what happens in cases. */
export function useWebhooks(asked: boolean) {
  return useQuery({
    queryKey: ['webhooks'],
    queryFn: () => every((cursor) => data(api.GET('/api/v1/webhooks', { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
    enabled: asked,
    refetchInterval: poll,
  })
}

/** One of them, and how it is. */
export function useWebhook(id: string, asked: boolean) {
  return useQuery({
    queryKey: ['webhooks', id],
    queryFn: () => data(api.GET('/api/v1/webhooks/{id}', { params: { path: { id } } })),
    enabled: asked,
    refetchInterval: watch,
  })
}

/** What it was to hear in the last seven days, the newest first. */
export function useDeliveries(id: string, asked: boolean) {
  return useInfiniteQuery({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: ({ pageParam }) => data(api.GET('/api/v1/webhooks/{id}/deliveries', { params: { path: { id }, query: { ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: asked,
    refetchInterval: watch,
  })
}

/** Changes a webhook and says what was done; {} tries at once what hasn't been taken. */
export function useChange(id: string, word: 'switchedOn' | 'switchedOff' | 'trying') {
  const { t } = useTranslation()
  const say = useSay()
  return useMutation({
    mutationFn: (body: { active?: boolean }) => data(api.PATCH('/api/v1/webhooks/{id}', { params: { path: { id } }, body })),
    onSuccess: (now) => {
      changed(now)
      tell(t(`webhooks.${word}`))
    },
    onError: (thrown) => tell(say(thrown)),
  })
}

/** Puts a webhook as the server has it now in the place of what was read, and reads the rest again. */
export function changed(now: Webhook): void {
  queries.setQueryData(['webhooks', now.id], now)
  void queries.invalidateQueries({ queryKey: ['webhooks'] })
}

/** Deletes a webhook and goes to the others. Once that has begun, nothing is to be asked about it: it may be gone already. */
export function useDelete(id: string) {
  const { t } = useTranslation()
  const say = useSay()
  const go = useNavigate()
  return useMutation({
    mutationFn: () => data(api.DELETE('/api/v1/webhooks/{id}', { params: { path: { id } } })),
    onSuccess: async () => {
      queries.setQueryData(['webhooks'], (all: Webhook[] | undefined) => all?.filter((one) => one.id !== id))
      await go('/webhooks', { replace: true })
      void queries.invalidateQueries({ queryKey: ['webhooks'], exact: true }) // what was read of this one isn't asked for again
      tell(t('webhooks.deleted'))
    },
    onError: (thrown) => tell(say(thrown)),
  })
}
