import type { DeliveryReason } from '#shared/types/notification'
import { hidden, redactText } from '../lib/redact'
import type { Delivery } from './kinds/kind'

const MAX_MESSAGE = 200
const MIN_SECRET = 6

/** What an error says about the delivery that it ended. */
export function failureOf(error: unknown): Delivery {
  const { name = '', code = '', message = '', responseCode } = error as { name?: string, code?: string, message?: string, responseCode?: number }
  // A mail server's own refusal.
  if (typeof responseCode === 'number') return { ok: false, reason: 'refused', status: responseCode, message }
  return { ok: false, reason: reasonOf(name, code), status: null, message: message || code || name }
}

function reasonOf(name: string, code: string): DeliveryReason {
  if (code === 'private_address') return 'private_address'
  if (name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code)) return 'timeout'
  if (/CERT|SIGNATURE|TLS|SSL|^ERR_OSSL/.test(code)) return 'tls'
  if (name === 'SealError' || name === 'ZodError') return 'unreadable'
  return 'unreachable'
}

/** What of a config may not be shown. */
export function secretsOf(config: Record<string, unknown>, shown: Record<string, string>): string[] {
  return Object.entries(config).flatMap(([name, value]) => (typeof value === 'string' && value.length >= MIN_SECRET && value !== shown[name] ? [value] : []))
}

/** One short line without the channel's own secrets, even when the other side repeats them. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const bare = secrets.reduce((rest, secret) => rest.replaceAll(secret, hidden), text)
  return redactText(bare).replace(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE)
}
