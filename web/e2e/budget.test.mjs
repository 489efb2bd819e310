// What the page may weigh, counted from the manifest of the build, and that a browser loads no more than that.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sizes } from './browser.mjs'
import { flow } from './flow.mjs'
import { filesOf, filesOfInbox, kB, list, readManifest, weigh } from './weight.mjs'

const budget = { phone: 270 * kB, desk: 365 * kB, later: 230 * kB }
const manifest = readManifest()

for (const size of Object.keys(sizes)) {
  flow(`the inbox on a ${size} is at most ${budget[size] / kB} kB`, async (company) => {
    const chen = await company.person('chen.jie', { size })
    const fetched = new Set()
    chen.page.on('request', (r) => fetched.add(new URL(r.url()).pathname.slice(1)))
    await chen.page.goto('/inbox/todo')
    await chen.page.getByRole('listitem').first().waitFor()
    const loaded = [...fetched].filter((path) => /\.(js|css)$/.test(path))
    assert.ok(loaded.length > 1, 'the files were seen')
    const known = filesOfInbox(manifest)
    assert.ok(weigh(loaded) <= budget[size], `${Math.round(weigh(loaded) / kB)} kB: ${list(loaded)}`)
    if (size === 'phone') assert.deepEqual(loaded.filter((file) => !known.has(file)), [], 'a phone loads nothing besides')
  })
}

test(`the inbox of the manifest is at most ${budget.phone / kB} kB`, () => {
  const files = filesOfInbox(manifest)
  assert.ok(weigh(files) <= budget.phone, `${Math.round(weigh(files) / kB)} kB: ${list(files)}`)
})

test(`whatever is loaded later is at most ${budget.later / kB} kB at a time`, () => {
  const always = new Set(Object.keys(manifest).filter((key) => manifest[key].isEntry).flatMap((key) => [...filesOf(manifest, key)]))
  const later = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry)
  assert.ok(later.length > 0, 'the build has parts that are loaded later')
  for (const key of later) {
    const files = [...filesOf(manifest, key)].filter((file) => !always.has(file))
    assert.ok(weigh(files) <= budget.later, `${key}: ${list(files)}`)
  }
})
