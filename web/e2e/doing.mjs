// What people do with the page, by the words that stand on it.
import { said } from './said.mjs'

/** Signs in on the sign-in page, and stands in the inbox. */
export async function signsIn(person) {
  const { page } = person
  await page.getByLabel(person.say(said.user), { exact: true }).fill(person.user)
  await page.getByLabel(person.say(said.password), { exact: true }).fill(person.password)
  await press(person, said.signIn)
  await page.waitForURL('**/inbox/todo')
}

/** Presses a button by its words. */
export async function press(person, word, within = person.page) {
  await button(person, word, within).click()
}

/** What the list that is open offers, or of it what has these words. */
export function offered(person, text = '') {
  return person.page.locator('.ant-select-dropdown:visible .ant-select-item-option').filter({ hasText: text })
}

/** Chooses something from the list of a select; what they type first, when the list is asked of the server. */
export async function chooseOf(person, label, text, { typed, within = person.page } = {}) {
  const field = within.getByLabel(label, { exact: true })
  await field.click()
  if (typed) await field.fill(typed)
  await offered(person, text).first().click()
}

/** A button by its words: the whole text of it. */
export function button(person, word, within = person.page) {
  return within.getByRole('button', { name: person.say(word), exact: true })
}

/** Goes to one of the places of the navigation; on a phone some pages have none, and one goes back first. */
export async function goesTo(person, place) {
  await person.settled()
  const back = person.page.getByRole('button', { name: person.say(said.back), exact: true })
  while (person.size === 'phone' && await back.isVisible()) {
    await back.click()
    await person.settled()
  }
  await person.page.getByRole('navigation', { name: person.say(said.main), exact: true }).getByRole('link', { name: person.say(said.places[place]) }).click()
}

/** Fills in the form before them: text by field; { choose } in a list; { amount } of money; { file } of a name. */
export async function fillsIn(person, fields) {
  for (const [field, value] of Object.entries(fields)) await fillIn(person, person.say(said.fields[field]), value)
}

async function fillIn(person, label, value) {
  const { page } = person
  const input = page.getByLabel(label, { exact: true })
  if (typeof value === 'string') {
    await input.fill(value)
  } else if (value.choose) {
    for (const word of [value.choose].flat()) await chooseOf(person, label, person.say(word))
    await page.keyboard.press('Escape')
  } else if (value.find) {
    await chooseOf(person, label, value.find, { typed: value.find })
  } else if (value.file) {
    const chosen = page.waitForEvent('filechooser')
    await input.click()
    await (await chosen).setFiles({ name: value.file, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n% a report\n%%EOF\n') })
    await page.getByText(value.file).first().waitFor()
  } else if (value.day) {
    await input.fill(value.day)
    await page.keyboard.press('Enter')
  }
}

/** Starts a process by its form, and stands on the page of the case. Gives the case. */
export async function starts(person, process, fields) {
  const { page } = person
  await goesTo(person, 'start')
  await page.getByRole('link', { name: person.say(said.processes[process]) }).click()
  await fillsIn(person, fields)
  const answered = page.waitForResponse((r) => r.url().endsWith('/api/v1/cases') && r.request().method() === 'POST')
  await press(person, said.send)
  const kase = await (await answered).json()
  await page.waitForURL(`**/cases/${(kase.case ?? kase).id}`)
  return kase.case ?? kase
}

/** Looks for something in a box, and sees what was found: the page asks when the fingers rest, and puts the answer where the whole list stood. */
export async function looksFor(person, text, box = 'todo') {
  await goesTo(person, 'inbox')
  if (box !== 'todo') await person.page.getByRole('link', { name: person.say(said.boxes[box]) }).click()
  await person.page.getByRole('searchbox').fill(text)
  await person.settled() // the search says that it is busy until the page has asked
}

/** Finds a task by its case's subject or number, and opens it. */
export async function opensTask(person, text) {
  await looksFor(person, text)
  await row(person, text).getByRole('link').click()
  await person.page.waitForURL('**/tasks/*')
}

/** Takes a task that is open to several, from the list, and stands on its page. */
export async function claims(person, text) {
  await looksFor(person, text, 'claimable')
  await press(person, said.claim, row(person, text).first())
  await person.page.waitForURL('**/tasks/*')
}

/** A task's line in the list. */
export const row = (person, subject) => person.page.getByRole('listitem').filter({ hasText: subject })

/** Approves the task before them, and is led back to the inbox. */
export async function approves(person) {
  await press(person, said.approve)
  await person.page.waitForURL('**/inbox/todo')
}

/** Finishes the task before them, with an outcome. */
export async function completes(person, outcome, fields = {}) {
  await fillsIn(person, fields)
  await press(person, outcome)
  await person.page.waitForURL('**/inbox/todo')
}

/** Gives the task before them back, saying why. Items: of several, which ones. */
export async function returns(person, why, items = []) {
  const { page, size } = person
  if (size === 'phone') await press(person, said.more)
  await press(person, said.return)
  const sheet = page.getByRole('dialog').last()
  for (const item of items) await sheet.getByLabel(person.say(item)).check()
  await sheet.getByLabel(person.say(said.reason), { exact: true }).fill(why)
  await press(person, said.return, sheet)
  await page.waitForURL('**/inbox/todo')
}

/** A telephone number that nobody has. */
export const newPhone = () => `+86 519 ${String(Date.now()).slice(-8)}`
