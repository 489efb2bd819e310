// A real stack for the browser tests: PostgreSQL, Temporal, worker and server with the sample company.
import { execFileSync, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { until } from './until.mjs'

const root = resolve(import.meta.dirname, '../..')
const readyWithin = 120_000
const stopWithin = 60_000

/** Reads DIR/dev.json of a stack that runs: where it answers, and who may sign in. */
export function readStack(dir) {
  return JSON.parse(readFileSync(join(dir, 'dev.json'), 'utf8'))
}

/**
 * Starts `crmflow dev` in a new directory and returns when it is ready. `stop` ends it as Ctrl-C does and removes the directory.
 * Whoever starts a stack stops it, whatever happens.
 */
export async function startStack() {
  const data = mkdtempSync(join(tmpdir(), 'crmflow-web-'))
  const log = join(data, 'dev.log')
  const out = openSync(log, 'w')
  const bin = process.env.CRMFLOW_TEST_BIN ?? join(root, 'bin/crmflow')
  // detached: Ctrl-C reaches this process alone, which then stops the stack in good order
  const dev = spawn(bin, ['dev', '--data', join(data, 'data'), '--addr', '127.0.0.1:0'], {
    detached: true, stdio: ['ignore', out, out], env: ownEnvironment(),
  })
  closeSync(out)
  let ended = null
  dev.on('error', (err) => { ended = err.message })
  dev.on('exit', (code, signal) => { ended ??= signal ?? `exit code ${code}` })
  const said = () => readFileSync(log, 'utf8')

  const stop = async () => {
    try {
      if (ended === null) {
        dev.kill('SIGINT')
        await until('crmflow dev has stopped', () => ended !== null, stopWithin)
      }
    } catch (err) {
      process.kill(-dev.pid, 'SIGKILL')
      throw err
    } finally {
      rmSync(data, { recursive: true, force: true })
    }
  }
  try {
    await until('crmflow dev is ready', () => {
      if (ended !== null) throw new Error(`crmflow dev ended (${ended}) before it was ready`)
      return readable(join(data, 'data'))
    }, readyWithin)
  } catch (err) {
    err.message += `\n${said()}`
    await stop()
    throw err
  }
  return { data: join(data, 'data'), stop }
}

function readable(dir) {
  try {
    return readStack(dir)
  } catch {
    return null // not written yet
  }
}

/** What would lead the stack to somebody's database or Temporal, or set it up differently, is left out. */
function ownEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(DATABASE_URL$|TEMPORAL_|CRMFLOW_)/.test(name)))
}

/**
 * Puts the business clock of a stack forward to a moment, as if the time had passed. The sweep wakes what has come due meanwhile, within half a minute.
 */
export function passTimeUntil(stack, moment) {
  const now = `clock.anchor_business + (now() - clock.anchor_real) * clock.scale`
  execFileSync('psql', [stack.database, '--quiet', '--set', 'ON_ERROR_STOP=1', '--command',
    `UPDATE clock SET anchor_business = '${moment.toISOString()}', anchor_real = now() WHERE ${now} < '${moment.toISOString()}'`])
}
