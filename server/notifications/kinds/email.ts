import { z } from 'zod'
import { defineKind } from './kind'

/** Mail, when the environment names a mail server. */
export default defineKind({
  id: 'email',
  label: 'notifications.kinds.email',
  config: z.strictObject({ to: z.email('errors.email').max(254) }),
  form: [{ name: 'config.to', kind: 'text', label: 'notifications.to', help: 'notifications.toHelp', required: true, placeholder: 'ops@example.com' }],
  urls: () => [],
  shown: ({ to }) => ({ to }),
  available: ({ mailer }) => mailer !== null,
  async send({ title, text }, { to }, { mailer }) {
    if (!mailer) return { ok: false, reason: 'unavailable', status: null, message: '' }
    const response = await mailer.send({ to, subject: `[Claude Code Relay] ${title}`, text })
    return { ok: true, reason: 'delivered', status: Number(response.slice(0, 3)) || null, message: response }
  },
})
