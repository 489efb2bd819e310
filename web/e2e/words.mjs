// Whether the words of a page are in its language. What people wrote is data, and stands as they wrote it; everything else is ours.

/** Names and abbreviations that stand in a page of the other language. */
const known = {
  zh: new Set(['crmflow', 'CNY', 'English', 'PDF', 'CSV', 'XLSX', 'Excel', 'kB', 'MB', 'OpenAPI', 'dev', 'Enter', 'Webhook', 'Service', 'Unavailable']),
  en: new Set(['中文', '简体中文']),
}

/** Members of answers that hold what people wrote, below whatever stands in them. */
const written = new Set(['fields', 'value', 'summary', 'with', 'subject', 'number', 'name', 'comment', 'reason', 'file', 'user', 'email', 'address'])

/** What of the API's answers is data: what people wrote, not the words of chains and record types, which are ours to say in both languages. */
export function dataOf(answers) {
  const found = new Set()
  for (const answer of answers) collect(answer, false, found)
  return { text: [...found].join('\n'), tokens: new Set([...found].flatMap(latin)) }
}

function collect(value, isData, found) {
  if (typeof value === 'string') {
    if (isData && !isCode(value)) found.add(value)
  } else if (Array.isArray(value)) {
    for (const v of value) collect(v, isData, found)
  } else if (value && typeof value === 'object') {
    const reference = 'type' in value && 'id' in value && 'title' in value
    for (const scope of scopes(value)) found.add(scope)
    for (const [key, v] of Object.entries(value)) collect(v, isData || written.has(key) || (reference && key === 'title'), found)
  }
}

/** What roles are held for, of a role or of a person; a page shows it as it was written. */
function scopes({ for: held, roles }) {
  const ofRole = held && typeof held === 'object' ? Object.keys(held) : []
  return [...ofRole, ...(Array.isArray(roles) ? roles : []).flatMap((role) => String(role).split('@').slice(1).join('@') || [])]
}

/** A value of a choice or an id: a page says it in words. */
const isCode = (text) => /^[a-z][a-z0-9_-]*$/.test(text)

const latin = (text) => text.match(/\p{Script=Latin}[\p{Script=Latin}\p{M}'’]+/gu) ?? []
const chinese = (text) => text.match(/\p{Script=Han}+/gu) ?? []

/** What is said by its id: a calendar that isn't the company's own. */
const defined = /(?<=按工作日历“)[a-z][a-z0-9-]*/g

/** Addresses are the same in every language. */
const addresses = /https?:\/\/[^\s，。”]+/g

/** Words of the other language that nobody wrote. */
export function foreignWords(all, language, data) {
  const text = all.replace(defined, '').replace(addresses, '')
  if (language === 'zh') return latin(text).filter((word) => !known.zh.has(word) && !data.tokens.has(word))
  return chinese(text).filter((word) => !known.en.has(word) && !data.text.includes(word))
}

/** Keys of the translations that have no translation, and what else is meant for programs. */
export function rawKeys(text, data) {
  const keys = text.replace(addresses, '').match(/\b[a-z][A-Za-z]*(?:[.:_][a-z][A-Za-z]*)+\b|\{\{.*?\}\}|\bundefined\b|\bNaN\b|\bnull\b|\[object \w+\]|Invalid Date/g) ?? []
  return keys.filter((key) => !data.text.includes(key))
}
