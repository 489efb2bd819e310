// Finishes a build: packs every file beside itself, so that the server only picks one, and then puts the whole in the place of the last build.
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const built = join(import.meta.dirname, '../.dist')
const place = join(import.meta.dirname, '../dist')

/** Files below this many bytes aren't worth unpacking. */
const worth = 1024

for (const name of readdirSync(built, { recursive: true })) {
  const file = join(built, String(name))
  if (!/\.(js|css|svg)$/.test(file) || statSync(file).size < worth) continue
  const content = readFileSync(file)
  writeFileSync(file + '.gz', gzipSync(content, { level: 9 }))
  writeFileSync(file + '.br', brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }))
}
writeFileSync(join(built, 'README'), readFileSync(join(place, 'README')))
rmSync(place, { recursive: true })
renameSync(built, place)
