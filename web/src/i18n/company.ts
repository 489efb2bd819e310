import i18next from 'i18next'
import { company as en } from './company.en'
import { company as zh } from './company.zh'

/** Adds the words of the pages about the company. They come with those pages: nobody's inbox waits for them. */
export function learnCompany(): void {
  i18next.addResourceBundle('zh', 'translation', zh, true)
  i18next.addResourceBundle('en', 'translation', en, true)
}
