/** Start and end (exclusive) of a value inside the scanned text. */
export type Span = readonly [start: number, end: number]

export type TopLevel
  = | { ok: true, fields: Map<string, Span> }
    | { ok: false, at: number, reason: string }

const QUOTE = 34
const BACKSLASH = 92
const COLON = 58
const COMMA = 44
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
/** Longer than any number or literal a body needs at its top level. */
const MAX_SCALAR = 64
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** Where a text stops being the JSON that was expected. */
export class JsonFault extends Error {
  constructor(readonly at: number, reason: string) {
    super(reason)
  }
}

/**
 * Finds the values of a JSON object's own keys without parsing them. `text` is the bytes read as latin1, so spans
 * are byte offsets. Of a repeated key the last value counts; keys come decoded (escapes, UTF-8).
 * Below the top level only strings and the balance of brackets are looked at: deeper faults go unseen.
 */
export function scanTopLevel(text: string): TopLevel {
  try {
    return { ok: true, fields: new Map(scanEntries(text)) }
  }
  catch (error) {
    if (error instanceof JsonFault) return { ok: false, at: error.at, reason: error.message }
    throw error
  }
}

/** Parses one value found by {@link scanTopLevel}. Throws SyntaxError when the value is broken inside. */
export function parseSpan(text: string, [start, end]: Span): unknown {
  return JSON.parse(utf8(text.slice(start, end)))
}

/**
 * The object's own keys with their values, one by one in the text's order, for a text too long to be scanned in one go.
 * Throws {@link JsonFault} at the first fault.
 */
export function* scanEntries(text: string): Generator<[key: string, value: Span], void> {
  let at = expect(text, skipSpace(text, 0), OPEN_OBJECT, 'an object is expected')
  at = skipSpace(text, at)
  if (text.charCodeAt(at) === CLOSE_OBJECT) return endOfText(text, at + 1)
  for (;;) {
    const keyEnd = skipString(text, expect(text, at, QUOTE, 'a key is expected'))
    const key = keyAt(text, at, keyEnd)
    const start = skipSpace(text, expect(text, skipSpace(text, keyEnd), COLON, 'a colon is expected'))
    const end = skipValue(text, start)
    yield [key, [start, end]]
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === CLOSE_OBJECT) return endOfText(text, at + 1)
    at = skipSpace(text, expect(text, at, COMMA, 'a comma or the end of the object is expected'))
  }
}

function endOfText(text: string, at: number): void {
  const end = skipSpace(text, at)
  if (end < text.length) throw new JsonFault(end, 'text after the object')
}

function expect(text: string, at: number, code: number, reason: string): number {
  if (text.charCodeAt(at) !== code) throw new JsonFault(at, reason)
  return at + 1
}

function skipSpace(text: string, from: number): number {
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
  }
}

/** From behind the opening quote to behind the closing one. */
function skipString(text: string, from: number): number {
  for (let at = from; ; at++) {
    at = text.indexOf('"', at)
    if (at < 0) throw new JsonFault(text.length, 'a string without an end')
    let before = at - 1
    while (before >= from && text.charCodeAt(before) === BACKSLASH) before--
    if ((at - before) % 2 === 1) return at + 1
  }
}

function skipValue(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code === QUOTE) return skipString(text, at + 1)
  if (code === OPEN_OBJECT) return skipNested(text, at + 1, CLOSE_OBJECT)
  if (code === OPEN_ARRAY) return skipNested(text, at + 1, CLOSE_ARRAY)
  return skipScalar(text, at)
}

function skipNested(text: string, from: number, close: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = skipString(text, at + 1) - 1
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth++
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth--
      if (depth > 0) continue
      if (code !== close) throw new JsonFault(at, 'brackets do not match')
      return at + 1
    }
  }
  throw new JsonFault(text.length, 'a bracket without an end')
}

function skipScalar(text: string, from: number): number {
  let at = from
  while (at - from <= MAX_SCALAR && isScalarCode(text.charCodeAt(at))) at++
  if (!SCALAR.test(text.slice(from, at))) throw new JsonFault(from, 'a value is expected')
  return at
}

/** Letters, digits, `+`, `-`, `.`; false for NaN, the end of the text. */
function isScalarCode(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code === 69 || code === 43 || code === 45 || code === 46
}

function keyAt(text: string, start: number, end: number): string {
  const raw = text.slice(start, end)
  if (!/[\\\x80-\xFF]/.test(raw)) return raw.slice(1, -1)
  try {
    return JSON.parse(utf8(raw)) as string
  }
  catch {
    throw new JsonFault(start, 'a key with a wrong escape')
  }
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')
