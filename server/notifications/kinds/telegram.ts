import { z } from 'zod'
import type { OutboundAnswer } from '../../lib/outbound'
import { byStatus, endOf, httpKind, httpUrl, jsonOf } from './http-kind'
import type { Delivery } from './kind'

const API = 'https://api.telegram.org'
const MAX_TEXT = 4096
const waiting = z.object({ retry_after: z.number() })

/** A bot of Telegram. Sent without a parse mode, so the text stays as it is. */
export default httpKind({
  id: 'telegram',
  label: 'notifications.kinds.telegram',
  config: z.strictObject({
    botToken: z.string().trim().max(200).regex(/^\d+:[\w-]{20,}$/, 'errors.botToken'),
    chatId: z.string().trim().max(100).regex(/^(?:-?\d+|@\w+)$/, 'errors.chatId'),
    apiUrl: httpUrl.optional(),
  }),
  form: [
    { name: 'config.botToken', kind: 'secret', label: 'notifications.botToken', help: 'notifications.botTokenHelp', required: true, placeholder: '123456:ABC…' },
    { name: 'config.chatId', kind: 'text', label: 'notifications.chatId', help: 'notifications.chatIdHelp', required: true, placeholder: '-1001234567890' },
    { name: 'config.apiUrl', kind: 'url', label: 'notifications.apiUrl', help: 'notifications.apiUrlHelp', placeholder: API },
  ],
  urls: ({ apiUrl }) => (apiUrl ? [apiUrl] : []),
  shown: ({ botToken, chatId, apiUrl }) => ({ botToken: endOf(botToken), chatId, ...apiUrl ? { apiUrl } : {} }),
  call: ({ title, text }, { botToken, chatId, apiUrl = API }) => ({
    url: `${apiUrl.replace(/\/+$/, '')}/bot${botToken}/sendMessage`,
    body: JSON.stringify({ chat_id: chatId, text: `${title}\n${text}`.slice(0, MAX_TEXT), link_preview_options: { is_disabled: true } }),
  }),
  judge,
})

function judge(answer: OutboundAnswer): Delivery {
  const plain = byStatus(answer)
  const body = jsonOf(answer.text)
  if (plain.ok && body?.ok === true) return { ...plain, message: '' }
  const wait = waiting.safeParse(body?.parameters)
  return {
    ...plain, ok: false, reason: plain.ok ? 'refused' : plain.reason,
    message: typeof body?.description === 'string' ? body.description : plain.message,
    ...wait.success ? { retryAfterMs: wait.data.retry_after * 1000 } : {},
  }
}
