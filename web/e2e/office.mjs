// What the tests of the office's pages share.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chooseOf } from './doing.mjs'
import { faults } from './inspect.mjs'

/** The windows in which each of them is played. */
export const windows = [
  { size: 'desk', language: 'zh' },
  { size: 'phone', language: 'en', dark: true },
]

/** Where pictures are kept, if they are. */
export const shots = process.env.CRMFLOW_SHOTS
if (shots) mkdirSync(shots, { recursive: true })

/** What stands before somebody is whole, accessible and in their language; its picture is kept where pictures are. */
export async function looksRight(person, name) {
  await person.settled()
  if (shots) await person.page.screenshot({ path: join(shots, `${name}-${person.size}-${person.language}.png`), fullPage: true })
  assert.deepEqual(await faults(person), [], name)
}

/** A name that nobody and nothing has yet. */
export const fresh = (name) => `${name}${String(Date.now()).slice(-7)}`

/** Chooses somebody, or anything, by typing the name into a list. */
export function chooses(person, word, text, within) {
  return chooseOf(person, person.say(word), text, { typed: text, within })
}

/** The sheet that was opened last. */
export const sheetOf = (person) => person.page.getByRole('dialog').last()

/** Publishes definitions by an administrator's program. */
export const publishes = (admin, files) => admin.post('/definitions', { files: files.map(([path, content]) => ({ path, content })) })

let leads = 0

/** What a lead of a test holds; each has a telephone of its own. */
export const aLead = (company, source = 'exhibition') => ({ company: fresh(company), contact: 'Mr Ren', phone: `+86 519 ${fresh('')}${leads++}`, source })
