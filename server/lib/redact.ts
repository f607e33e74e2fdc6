/** What stands in the place of a secret. */
export const hidden = '[hidden]'

// A word's start; JSON text writes line breaks and control characters as \n or \u001b, which are no part of the word.
const start = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{4}))`
const name = String.raw`(?:x-)?api[-_]?key|(?:access|refresh|id|session|auth|share)[-_]?token|token|(?:client[-_]?)?secret|password|credentials`
const value = String.raw`[^\s"'&,;\\<>]+`

/** None of these spans a quote or a backslash, so that JSON text stays JSON. */
const rules: [RegExp, string][] = [
  [new RegExp(String.raw`${start}sk-[\w-]{6,}`, 'g'), `sk-${hidden}`],
  [new RegExp(String.raw`${start}share_[\w-]{20,}`, 'g'), `share_${hidden}`],
  [new RegExp(String.raw`${start}(Bearer|Basic)\s{1,4}[\w.~+/=-]{6,}`, 'gi'), `$1 ${hidden}`],
  [/:\/\/[^\s/?#"'\\]*@/g, `://${hidden}@`],
  [new RegExp(`${start}(${name})=${value}`, 'gi'), `$1=${hidden}`],
  [new RegExp(String.raw`${start}((?:x-)?api[-_]?key|password|(?:set-)?cookie): ?${value}`, 'gi'), `$1: ${hidden}`],
  [new RegExp(String.raw`${start}(${name})(\\?["']\s?:\s?\\?["'])[^"'\\]+`, 'gi'), `$1$2${hidden}`],
]

/** What at least must stand in a text that any of the rules would change: one pass instead of six over nearly every line. */
const suspicious = /sk-|share_|bearer|basic|:\/\/|(?:key|token|secret|password|credentials)(?:=|\\?["'])|(?:key|password|cookie):/i

/**
 * Hides secrets by their shape: `sk-…` keys, `share_…` tokens, Bearer and Basic tokens, `user:password@` of a URL, values of
 * `api_key=` and its kin. A net below careful logging, not a replacement for it.
 */
export function redactText(text: string): string {
  if (!suspicious.test(text)) return text
  return rules.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)
}
