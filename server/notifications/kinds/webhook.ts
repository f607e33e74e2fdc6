import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { byStatus, endOf, httpKind, httpUrl, shownUrl } from './http-kind'

/** JSON to any address, signed after the Standard Webhooks specification when a secret is set: see docs/notifications.md. */
export default httpKind({
  id: 'webhook',
  label: 'notifications.kinds.webhook',
  config: z.strictObject({ url: httpUrl, secret: z.string().trim().min(8).max(200).optional() }),
  form: [
    { name: 'config.url', kind: 'url', label: 'notifications.url', required: true, placeholder: 'https://example.com/hooks/relay' },
    { name: 'config.secret', kind: 'secret', label: 'notifications.signingSecret', help: 'notifications.webhookSecretHelp' },
  ],
  urls: ({ url }) => [url],
  shown: ({ url, secret }) => ({ url: shownUrl(url), ...secret ? { secret: endOf(secret) } : {} }),
  call({ id, event, at, title, text, facts }, { url, secret }, now) {
    const { event: _event, at: _at, ...details } = facts
    const body = JSON.stringify({ id, event, at, title, text, details })
    const timestamp = String(Math.floor(now / 1000))
    return {
      url, body,
      headers: {
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        ...secret ? { 'webhook-signature': `v1,${signatureOf(`${id}.${timestamp}.${body}`, secret)}` } : {},
      },
    }
  },
  judge: byStatus,
})

/** HMAC-SHA256, base64. A secret that begins with `whsec_` is base64 after it, any other one is its own bytes. */
function signatureOf(content: string, secret: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
  return createHmac('sha256', key).update(content).digest('base64')
}
