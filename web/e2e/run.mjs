// Runs the browser tests on a stack of their own: node e2e/run.mjs [--json] [--stack DIR] [NAME…]
//
//   NAME         only the files whose name holds it: `pages` for pages.test.mjs
//   --stack DIR  on a stack that runs already, with this data directory; it stays
//   --json       what happened as lines of `go test -json`, for the report of `make test`
//
// CRMFLOW_SHOTS=DIR keeps a picture of every page. A test that fails leaves traces of its browsers: npx playwright show-trace FILE.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import goEvents from './report.mjs'
import { startStack } from './stack.mjs'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, stack: { type: 'string' } }, allowPositionals: true,
})
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.mjs') && (positionals.length === 0 || positionals.some((p) => name.includes(p))))
  .sort()
  .map((name) => join(import.meta.dirname, name))

const stack = values.stack ? { data: values.stack, stop: () => {} } : await startStack()
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => stopped.abort())

process.env.CRMFLOW_STACK = stack.data
process.exitCode = 0
const events = run({ files, concurrency: 1, timeout: 600_000, signal: stopped.signal })
events.on('test:fail', () => { process.exitCode = 1 })
try {
  for await (const line of events.compose(values.json ? goEvents : new spec())) process.stdout.write(line)
} finally {
  await stack.stop()
}
