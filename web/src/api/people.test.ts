import i18next from 'i18next'
import { expect, test } from 'vitest'
import { en } from '../i18n/en'
import { zh } from '../i18n/zh'
import { outsider } from './people'

test('who has no account is called by the name in their id, and is nobody else', async () => {
  await i18next.init({ lng: 'en', resources: { en: { translation: en }, zh: { translation: zh } } })
  expect(outsider('outside:王强')?.name).toBe('王强 (outside)')
  await i18next.changeLanguage('zh')
  expect(outsider('outside:王强')?.name).toBe('王强（外部）')
  for (const id of ['li.na', 'outside', 'outside:', 'outsider:x', '']) expect(outsider(id)).toBeNull()
})
