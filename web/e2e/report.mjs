// Turns the events of node's tests into the lines of `go test -json`, so that one report counts all tests.
import { stripVTControlCharacters } from 'node:util'

/** A reporter of node:test. */
export default async function* goEvents(events) {
  const path = [] // names of the tests around the one that runs
  for await (const { type, data } of events) {
    switch (type) {
      case 'test:start':
        path.length = data.nesting
        path[data.nesting] = data.name
        break
      case 'test:pass':
      case 'test:fail':
        if (data.details?.type !== 'suite') yield* ended(type, data, [...path.slice(0, data.nesting), data.name].join(' › '))
        break
    }
  }
}

function* ended(type, data, name) {
  const at = { Package: 'web/e2e', Test: name }
  const skipped = data.skip !== undefined && data.skip !== false
  let output = ''
  if (type === 'test:fail') output = why(data.details.error)
  else if (skipped) output = typeof data.skip === 'string' ? data.skip : ''
  yield line({ Action: 'run', ...at })
  if (output) yield line({ Action: 'output', ...at, Output: `${output}\n` })
  const action = type === 'test:fail' ? 'fail' : skipped ? 'skip' : 'pass'
  yield line({ Action: action, ...at, Elapsed: (data.details?.duration_ms ?? 0) / 1000 })
}

const line = (event) => `${JSON.stringify(event)}\n`
const shownLines = 40

/** What failed and where in our tests, without the insides of node and of the browser driver. */
function why(error) {
  const cause = error?.cause ?? error
  const text = stripVTControlCharacters(String(cause?.stack ?? cause?.message ?? cause))
  const lines = text.split('\n').filter((l) => !/^\s+at .*(node:|node_modules)/.test(l))
  return lines.length > shownLines ? [...lines.slice(0, shownLines), `… ${lines.length - shownLines} more lines`].join('\n') : lines.join('\n')
}
