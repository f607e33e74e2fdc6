import type { ProbeCall } from '../platform'

const messages = [{ role: 'user', content: 'Hi' }]
const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))

/** Counting tokens costs nothing but is not known everywhere; one token of an answer is. */
export const anthropicProbes = (model: string): ProbeCall[] => [
  { path: '/v1/messages/count_tokens', body: json({ model, messages }) },
  { path: '/v1/messages', body: json({ model, max_tokens: 1, messages }) },
]
