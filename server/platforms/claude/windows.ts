import type { UsageWindow } from '#shared/types/usage-window'

const PREFIX = 'anthropic-ratelimit-unified-'
const FIELD = /^(5h|7d)(?:[_-]([a-z][a-z0-9]*))?-(utilization|reset|status)$/
/** Beyond a window's own length no reset is believed. */
const MAX_MS = { '5h': 6 * 3_600_000, '7d': 8 * 86_400_000 }

/** The usage windows that an answer tells of, e.g. `5h`, `7d`, `7d_opus`; empty when it tells none. `now` in epoch-ms. */
export function claudeWindows(rawHeaders: readonly string[], now: number): UsageWindow[] {
  const found = new Map<string, UsageWindow>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (!name.startsWith(PREFIX)) continue
    const [, span, family, field] = FIELD.exec(name.slice(PREFIX.length)) ?? []
    if (!span) continue
    const id = family ? `${span}_${family}` : span
    const window = found.get(id) ?? { id, used: null, resetsAt: null, status: null }
    found.set(id, window)
    const text = rawHeaders[i + 1]!
    if (field === 'status') window.status = text.slice(0, 32)
    else if (field === 'utilization') window.used = fraction(text)
    else window.resetsAt = resetOf(text, now, MAX_MS[span as keyof typeof MAX_MS])
  }
  return [...found.values()].filter(({ used, resetsAt }) => used !== null || resetsAt !== null)
}

function fraction(text: string): number | null {
  const value = Number(text)
  return text.trim() !== '' && Number.isFinite(value) && value >= 0 ? Math.min(value, 10) : null
}

/** Epoch seconds, or a date as RFC 3339. */
function resetOf(text: string, now: number, most: number): number | null {
  const at = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text)
  return Number.isFinite(at) && at > now - most && at < now + most ? Math.round(at) : null
}
