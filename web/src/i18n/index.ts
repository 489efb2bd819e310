import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { queries } from '../api/queries'
import type { company } from './company.zh'
import { en } from './en'
import { one } from './one.en'
import { zh, type Words } from './zh'

export type Language = 'zh' | 'en'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: Words & typeof company }
    returnNull: false
  }
}

/** Where a device remembers its language until somebody signs in. */
const kept = 'crmflow.language'

/** The language to begin with: the one chosen on this device, else the browser's, else Chinese. */
function first(): Language {
  const chosen = localStorage.getItem(kept)
  if (chosen === 'zh' || chosen === 'en') return chosen
  return navigator.languages.find((l) => /^(zh|en)\b/.test(l))?.startsWith('en') ? 'en' : 'zh'
}

/** Begins to speak. Called once, before anything is shown. */
export function begin(): void {
  void i18next.use(initReactI18next).init({
    lng: first(),
    fallbackLng: false,
    resources: { zh: { translation: zh }, en: { translation: en } },
    interpolation: { escapeValue: false },
  })
  i18next.addResourceBundle('en', 'translation', one, true)
}

/** The page's language now. */
export function language(): Language {
  return i18next.language === 'en' ? 'en' : 'zh'
}

/** Speaks another language from now on. What the server words is read again. */
export async function speak(to: Language): Promise<void> {
  localStorage.setItem(kept, to)
  if (to === language()) return
  await i18next.changeLanguage(to)
  await queries.invalidateQueries()
}

/** Whether somebody has chosen a language on this device. */
export function hasChosen(): boolean {
  return localStorage.getItem(kept) !== null
}

/** What everything that can happen to a case is called. */
export const eventWords = zh.event

/** What a word of a definition is called, where the definition itself has no title for it: the shipped ones' words, else the word as it stands. */
export function wordOf(kind: 'outcome' | 'answer' | 'choice' | 'field' | 'event', word: string): string {
  const words: Record<string, string> = (language() === 'en' ? en : zh)[kind]
  return words[word] ?? word
}
