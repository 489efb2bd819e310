// What must hold of every page, whatever stands on it.
import assert from 'node:assert/strict'
import axe from 'axe-core'
import { dataOf, foreignWords, rawKeys } from './words.mjs'

/** Everything that is wrong with the page that somebody sees, in words. */
export async function faults(person) {
  return [
    ...await axeFaults(person),
    ...await wordFaults(person),
    ...await widthFaults(person),
    ...person.problems.splice(0).map((p) => `console: ${p}`),
  ]
}

/** What axe finds serious or critical. It comes in through the debugger, so that the page's Content-Security-Policy stays on. */
async function axeFaults({ context, page }) {
  const debug = await context.newCDPSession(page)
  try {
    await debug.send('Runtime.evaluate', { expression: axe.source })
    const { result, exceptionDetails } = await debug.send('Runtime.evaluate', {
      expression: 'axe.run(document, { resultTypes: ["violations"] }).then((r) => JSON.stringify(r.violations))', awaitPromise: true, returnByValue: true,
    })
    assert.equal(exceptionDetails, undefined, 'axe runs')
    return JSON.parse(result.value)
      .filter((v) => ['serious', 'critical'].includes(v.impact))
      .flatMap((v) => v.nodes.map((n) => `axe ${v.id} (${v.impact}): ${n.html.slice(0, 200)} – ${firstLine(n.failureSummary)}`))
  } finally {
    await debug.detach()
  }
}

const firstLine = (summary) => summary.split('\n').slice(1).map((l) => l.trim()).filter(Boolean)[0] ?? ''

async function wordFaults({ page, language, answers }) {
  const { texts, lang } = await page.evaluate(wordsOnPage)
  const data = dataOf(answers)
  const out = texts.flatMap((text) => [
    ...foreignWords(text, language, data).map((word) => `not in ${language}: “${word}” in “${text}”`),
    ...rawKeys(text, data).map((key) => `raw key: “${key}” in “${text}”`),
  ])
  if (!lang.startsWith(language)) out.push(`the page says that it is in “${lang}”, and is in ${language}`)
  return [...new Set(out)]
}

/** Every text that somebody can see or hear on the page. */
function wordsOnPage() {
  const texts = new Set([document.title])
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node
    if (!element.checkVisibility() || element.closest('script, style, noscript, [lang]:not(html)')) continue
    if (node.nodeType === Node.TEXT_NODE) texts.add(node.textContent.trim())
    else if (!element.closest('[aria-hidden="true"], .anticon')) { // antd's icons carry their English names, beside words of ours
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.add(element.getAttribute(name)?.trim() ?? '')
    }
  }
  texts.delete('')
  return { texts: [...texts], lang: document.documentElement.lang }
}

/** Nothing is wider than the window. */
async function widthFaults({ page }) {
  const { width } = page.viewportSize()
  const wide = await page.evaluate((width) => {
    if (document.documentElement.scrollWidth <= width && window.innerWidth <= width) return []
    return [...document.querySelectorAll('body *')]
      .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > width + 1)
      .slice(-3).map((e) => e.outerHTML.slice(0, 160))
      .concat(`the page is ${document.documentElement.scrollWidth} wide`)
  }, width)
  return wide.map((what) => `wider than ${width}: ${what}`)
}

/** What the browser may carry out and where it may come from. */
export function policyFaults(response) {
  const policy = response.headers()['content-security-policy'] ?? ''
  const out = []
  if (!/default-src 'none'|default-src 'self'/.test(policy)) out.push(`Content-Security-Policy lets in anything: “${policy}”`)
  for (const directive of policy.split(';').map((d) => d.trim()).filter((d) => /^(default|script)-src/.test(d))) {
    if (/unsafe-eval|unsafe-inline|\*|https?:|data:/.test(directive)) out.push(`Content-Security-Policy: ${directive}`)
  }
  return out
}
