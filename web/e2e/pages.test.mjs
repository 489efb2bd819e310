// Every page, at both sizes and in both languages, and once in the dark: what must hold of all of them.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { sizes } from './browser.mjs'
import { flow } from './flow.mjs'
import { faults, policyFaults } from './inspect.mjs'

const shots = process.env.CRMFLOW_SHOTS
if (shots) mkdirSync(shots, { recursive: true })

/** Every page by somebody who has something on it, and where it is found. A new page belongs here. */
const pages = [
  { name: 'sign-in', user: null, path: '/sign-in', expects: /\/api\/v1\/session\)/ }, // it asks who is signed in: nobody
  { name: 'inbox-todo', user: 'chen.jie', path: '/inbox/todo' },
  { name: 'inbox-claimable', user: 'feng.lei', path: '/inbox/claimable' },
  { name: 'inbox-started', user: 'li.na', path: '/inbox/started' },
  { name: 'inbox-started-empty', find: whoHasStartedNothing },
  { name: 'inbox-copied', user: 'li.na', path: '/inbox/copied' },
  { name: 'inbox-done', user: 'chen.jie', path: '/inbox/done' },
  { name: 'inbox-empty', user: 'pan.yu', path: '/inbox/claimable' },
  { name: 'task-approve', find: taskAt('lead-review', 'first-contact') },
  { name: 'task-negotiate', find: taskAt('lead-review', 'negotiate') },
  { name: 'task-terms', find: taskAt('lead-review', 'terms') },
  { name: 'task-ask', find: taskAt('quote-follow-up', 'ask') },
  { name: 'task-inspect', find: taskAt('complaint', 'inspect') },
  { name: 'task-cause', find: taskAt('complaint', 'cause') },
  { name: 'task-answer', find: taskAt('complaint', 'answer') },
  { name: 'case-review', find: caseOf('lead-review') },
  { name: 'case-quote', find: caseOf('quote-follow-up') },
  { name: 'case-complaint', find: caseOf('complaint') },
  { name: 'start', user: 'li.na', path: '/start' },
  { name: 'start-review', user: 'li.na', path: '/start/lead-review' },
  { name: 'start-complaint', user: 'li.na', path: '/start/complaint' },
  { name: 'records-lead', user: 'li.na', path: '/records/lead' },
  { name: 'records-quote', user: 'li.na', path: '/records/quote' },
  { name: 'records-complaint', user: 'li.na', path: '/records/complaint' },
  { name: 'records-customer', user: 'li.na', path: '/records/customer' },
  ...['lead', 'quote', 'complaint', 'customer'].map((type) => ({ name: `record-${type}`, user: 'li.na', find: firstRecord(type) })),
  { name: 'settings', user: 'li.na', path: '/settings' },
  { name: 'settings-administrator', user: 'deng.rui', path: '/settings' },
  { name: 'people', user: 'li.na', path: '/people' },
  { name: 'person', user: 'deng.rui', path: '/people/chen.jie' },
  { name: 'handover', user: 'deng.rui', path: '/people/chen.jie/handover' },
  { name: 'departments', user: 'deng.rui', path: '/departments' },
  { name: 'departments-read', user: 'li.na', path: '/departments' },
  { name: 'roles', user: 'deng.rui', path: '/roles' },
  { name: 'groups', user: 'deng.rui', path: '/groups' },
  { name: 'webhooks', user: 'pan.yu', path: '/webhooks' },
  { name: 'webhook', find: aWebhook },
  { name: 'webhooks-refused', user: 'li.na', path: '/webhooks' },
  { name: 'stuck', user: 'deng.rui', path: '/stuck' },
  { name: 'versions', user: 'deng.rui', path: '/versions' },
  { name: 'not-found', user: 'li.na', path: '/cases/nowhere', expects: /404/ },
  { name: 'nowhere', user: 'li.na', path: '/nowhere', expects: /404/ },
]

for (const size of Object.keys(sizes)) {
  for (const language of ['zh', 'en']) look({ size, language })
}
look({ size: 'phone', language: 'zh', dark: true })

/** Visits every page; says all that is wrong at once. */
function look({ size, language, dark = false }) {
  const how = `${size}-${language}${dark ? '-dark' : ''}`
  flow(`every page, ${how}`, async (company) => {
    const wrong = {}
    const windows = new Map()
    for (const { name, expects, ...where } of pages) {
      const { user, path } = where.path ? where : await where.find(company, where.user)
      if (!windows.has(user)) windows.set(user, await company.person(user ?? 'li.na', { size, language, dark, signedIn: user !== null }))
      const person = windows.get(user)
      if (expects) person.expects(expects)
      const response = await person.page.goto(path)
      await person.settled()
      const found = [...policyFaults(response), ...await faults(person)]
      if (shots) await person.page.screenshot({ path: join(shots, `${name}-${how}.png`), fullPage: true })
      if (found.length > 0) wrong[`${name} (${path})`] = found
    }
    assert.ok(Object.keys(wrong).length === 0, say(wrong))
  }, { traces: false })
}

const say = (wrong) => Object.entries(wrong).map(([page, faults]) => `${page}\n${faults.map((f) => `  - ${f}`).join('\n')}`).join('\n')

/** An open task at a step, and who has it. */
function taskAt(process, step) {
  return async (company) => {
    for (const kase of await openCases(company, process)) {
      const open = kase.open.find((o) => o.step === step && o.who.length > 0)
      if (open) return { user: open.who[0], path: `/tasks/${open.task}` }
    }
    throw new Error(`no open case of ${process} is at ${step}`)
  }
}

/** A case that runs, by who has it or takes part. */
function caseOf(process) {
  return async (company, user) => {
    const kase = (await openCases(company, process)).find((k) => k.open.some((o) => o.who.length > 0))
    return { user: user ?? kase.open.find((o) => o.who.length > 0).who[0], path: `/cases/${kase.id}` }
  }
}

/** Somebody whose box of what they started is empty. */
async function whoHasStartedNothing(company) {
  for (const { user } of company.stack.users) {
    const { items } = await (await company.api(user)).get('/cases?initiator=me&limit=1')
    if (items.length === 0) return { user, path: '/inbox/started' }
  }
  throw new Error('everybody has started something')
}

/** A webhook; one that hears nothing is made where there is none. */
async function aWebhook(company) {
  const admin = await company.api('deng.rui')
  const { items: [first] } = await admin.get('/webhooks?limit=1')
  const { id } = first ?? await admin.post('/webhooks', { url: 'https://erp.example.com/hooks', events: ['ended'], active: false })
  return { user: 'deng.rui', path: `/webhooks/${id}` }
}

async function openCases(company, process) {
  return (await (await company.api('deng.rui')).get(`/cases?process=${process}&status=running&limit=50`)).items
}

function firstRecord(type) {
  return async (company, user) => {
    const { items: [first] } = await (await company.api(user)).get(`/records/${type}?limit=1`)
    return { user, path: `/records/${type}/${first.id}` }
  }
}
