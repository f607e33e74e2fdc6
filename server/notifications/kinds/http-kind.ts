import { z } from 'zod'
import { version } from '../../../package.json'
import type { OutboundAnswer } from '../../lib/outbound'
import type { Message } from '../message'
import { defineKind, type ChannelKind, type Delivery } from './kind'

/** An http or https address without a login. */
export const httpUrl = z.string().trim().min(1).max(1000).superRefine((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol)) ctx.addIssue({ code: 'custom', message: 'errors.url' })
  else if (url.username || url.password) ctx.addIssue({ code: 'custom', message: 'errors.urlLogin' })
})

/** A signing secret as the vendor shows it. */
export const signingSecret = z.string().trim().min(1).max(200)

export interface HttpCall {
  url: string
  headers?: Record<string, string>
  /** JSON text, sent as it is. */
  body: string
}

export interface HttpKind<C extends z.ZodType> extends Omit<ChannelKind<C>, 'send' | 'available'> {
  /** Pure. `now` is epoch-ms. */
  call(message: Message, config: z.output<C>, now: number): HttpCall
  /** What the answer means. */
  judge(answer: OutboundAnswer): Delivery
}

/** A kind that is one POST of JSON. */
export function httpKind<C extends z.ZodType>({ call, judge, ...kind }: HttpKind<C>): ChannelKind {
  return defineKind<C>({
    ...kind,
    available: () => true,
    async send(message, config, { outbound, allowPrivate, now }) {
      const { url, headers, body } = call(message, config, now)
      const answer = await outbound.send({
        url, body, allowPrivate, method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': `claude-code-relay/${version}`, ...headers },
      })
      return judge(answer)
    },
  })
}

/** By the status alone: 2xx is taken, anything else is not. */
export function byStatus({ status, headers, text }: OutboundAnswer): Delivery {
  const message = text.replace(/\s+/g, ' ').trim()
  if (status >= 200 && status < 300) return { ok: true, reason: 'delivered', status, message }
  if (status >= 300 && status < 400) return { ok: false, reason: 'redirected', status, message: '' }
  const seconds = Number(headers['retry-after'])
  return { ok: false, reason: 'refused', status, message, ...seconds > 0 ? { retryAfterMs: seconds * 1000 } : {} }
}

/** For vendors that tell a refusal in the body, whatever the status. */
export function byBody(answer: OutboundAnswer, code: string, message: string): Delivery {
  const plain = byStatus(answer)
  const parsed = jsonOf(answer.text)
  const told = parsed?.[code]
  if (typeof told !== 'number') return plain.ok ? { ...plain, ok: false, reason: 'refused' } : plain
  const said = String(parsed?.[message] ?? '')
  if (told === 0 && plain.ok) return { ...plain, message: said }
  return { ...plain, ok: false, reason: plain.reason === 'redirected' ? 'redirected' : 'refused', message: `${told} ${said}`.trim() }
}

export function jsonOf(text: string): Record<string, unknown> | null {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  }
  catch {
    return null
  }
}

const LONG_ENOUGH = 16

/** The end of a secret, to recognise it by; nothing of a short one. */
export const endOf = (secret: string): string => (secret.length >= LONG_ENOUGH ? `…${secret.slice(-4)}` : '…')

/** The host of an address whose path is a secret, and the address's end. */
export const shownUrl = (url: string): string => `${new URL(url).host}${endOf(url)}`
