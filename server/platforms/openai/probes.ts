import type { ProbeCall } from '../platform'

/** The list of models costs nothing; where there is none, one token of an answer decides. */
export const openaiProbes = (model: string): ProbeCall[] => [
  { path: '/v1/models', body: null },
  { path: '/v1/messages', body: Buffer.from(JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] })) },
]
