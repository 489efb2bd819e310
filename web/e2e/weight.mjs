// What files of the built page weigh on their way to the browser, packed.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = resolve(import.meta.dirname, '../dist')
export const kB = 1000

/** Vite's manifest of the build: what each part is made of. */
export const readManifest = () => JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'))

/** The files that a part brings along: its own and those of every part that it can't do without. */
export function filesOf(manifest, key, found = new Set()) {
  const part = manifest[key]
  if (found.has(part.file)) return found
  for (const file of [part.file, ...part.css ?? []]) found.add(file)
  for (const other of part.imports ?? []) filesOf(manifest, other, found)
  return found
}

/** What is loaded for the inbox: what every page needs, and its own part where it has one. */
export function filesOfInbox(manifest) {
  const parts = Object.keys(manifest).filter((key) => manifest[key].isEntry || (manifest[key].isDynamicEntry && key.startsWith('src/inbox/Inbox')))
  return new Set(parts.flatMap((key) => [...filesOf(manifest, key)]))
}

const weights = new Map()

/** Bytes of some files, packed with gzip. */
export function weigh(files) {
  let sum = 0
  for (const file of files) {
    if (!weights.has(file)) weights.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length)
    sum += weights.get(file)
  }
  return sum
}

/** The files and their weights, heaviest first. */
export const list = (files) => [...files].sort((a, b) => weigh([b]) - weigh([a])).map((f) => `${f} ${(weigh([f]) / kB).toFixed(1)} kB`).join(', ')
