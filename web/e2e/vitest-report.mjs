// A reporter of vitest that writes the lines of `go test -json`, so that one report counts all tests.
import { basename } from 'node:path'

export default class GoEvents {
  onTestRunEnd(modules, errors) {
    for (const module of modules) {
      const Package = `web/src/${basename(module.moduleId)}`
      for (const test of module.children.allTests()) tell({ Package, Test: test.fullName }, test.result(), test.diagnostic()?.duration)
      for (const error of module.errors()) tell({ Package, Test: 'is loaded' }, { state: 'failed', errors: [error] })
    }
    for (const error of errors) tell({ Package: 'web/src', Test: 'unhandled error' }, { state: 'failed', errors: [error] })
  }
}

const actions = { passed: 'pass', failed: 'fail', skipped: 'skip' }

function tell(at, { state, errors = [], note = '' }, milliseconds = 0) {
  const line = (event) => process.stdout.write(`${JSON.stringify({ ...event, ...at })}\n`)
  const said = errors.map((e) => e.stack ?? e.message).join('\n') || note
  line({ Action: 'run' })
  if (said) line({ Action: 'output', Output: `${said}\n` })
  line({ Action: actions[state] ?? 'fail', Elapsed: milliseconds / 1000 })
}
