// The system's Chromium, started once for a file of tests.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const paths = ['/snap/bin/chromium', '/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** Where Chromium is: CRMFLOW_CHROMIUM, or what the system has. */
export function findChromium() {
  if (process.env.CRMFLOW_CHROMIUM) return process.env.CRMFLOW_CHROMIUM
  for (const name of names) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    } catch {
      // not this one
    }
  }
  const found = paths.find((path) => existsSync(path))
  if (!found) throw new Error('No Chromium: scripts/setup browser installs it, or CRMFLOW_CHROMIUM names one.')
  return found
}

/** Starts it. Root can't have its sandbox; the pages that it shows are ours. */
export function launch() {
  return chromium.launch({ executablePath: findChromium(), chromiumSandbox: process.getuid?.() !== 0, args: ['--disable-dev-shm-usage'] })
}

/** A phone in one hand and a desk. */
export const sizes = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  desk: { viewport: { width: 1440, height: 900 } },
}

/** What a browser of somebody with this language says of itself. */
export const locales = { zh: 'zh-CN', en: 'en-GB' }
