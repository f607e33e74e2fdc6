import { headerOf } from '../../relay/headers'

/** An upstream's word on a reset is believed between these, from now. */
const MIN_MS = 5_000
const MAX_MS = 8 * 24 * 3_600_000

/**
 * When an upstream that answered 429 or the like says it will take requests again, epoch-ms, or null if it does not say.
 * Reads the unified reset (epoch seconds), `retry-after` (seconds or an HTTP date), and the per-kind resets (RFC 3339).
 */
export function resetTime(rawHeaders: readonly string[], now: number): number | null {
  const stated = unified(rawHeaders) ?? retryAfter(rawHeaders, now) ?? exhausted(rawHeaders)
  return stated === null ? null : Math.min(Math.max(stated, now + MIN_MS), now + MAX_MS)
}

function unified(rawHeaders: readonly string[]): number | null {
  const seconds = Number(headerOf(rawHeaders, 'anthropic-ratelimit-unified-reset') ?? NaN)
  const status = headerOf(rawHeaders, 'anthropic-ratelimit-unified-status')
  return Number.isFinite(seconds) && status !== 'allowed' && status !== 'allowed_warning' ? seconds * 1000 : null
}

function retryAfter(rawHeaders: readonly string[], now: number): number | null {
  const text = headerOf(rawHeaders, 'retry-after')
  if (text === undefined || text.trim() === '') return null
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return now + seconds * 1000
  return validTime(text)
}

/** The latest reset among the kinds of which nothing remains. */
function exhausted(rawHeaders: readonly string[]): number | null {
  const resets = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((kind) => {
    const reset = headerOf(rawHeaders, `anthropic-ratelimit-${kind}-reset`)
    return headerOf(rawHeaders, `anthropic-ratelimit-${kind}-remaining`) === '0' && reset ? validTime(reset) ?? [] : []
  })
  return resets.length > 0 ? Math.max(...resets) : null
}

function validTime(text: string): number | null {
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : at
}

/** The model family that a unified limit is about (`seven_day_opus` → `opus`), or null for the whole account. */
export function limitedFamily(rawHeaders: readonly string[]): string | null {
  const claim = headerOf(rawHeaders, 'anthropic-ratelimit-unified-representative-claim')
  return /^(?:five_hour|seven_day)_(opus|sonnet|haiku|fable|mythos)$/.exec(claim ?? '')?.[1] ?? null
}
