import { randomBytes } from 'node:crypto'

export type Block
  = { type: 'text', text: string, pieces?: number }
    | { type: 'thinking', thinking: string, signature: string }
    | { type: 'tool_use', id: string, name: string, input: Record<string, unknown> }

export interface AnswerUsage {
  input: number
  output: number
  cacheRead: number
  write5m: number
  write1h: number
  webSearches?: number
  speed?: 'fast' | 'standard'
  inferenceGeo?: string
}

/** One assistant message, to be sent as a stream or as JSON. */
export interface Answer {
  id: string
  model: string
  blocks: Block[]
  usage: AnswerUsage
  stopReason: string
  /** `safeguard_results` of message_delta (stream) or of the top level (JSON). */
  safeguards: unknown
}

export interface Frame { event: string, data: unknown }

const token = (prefix: string) => `${prefix}_01${randomBytes(11).toString('hex')}`
export const newToolId = () => token('toolu')

/** An answer with everything filled in: a short text, distinct token counts. */
export function answer(given: Partial<Answer> = {}): Answer {
  const usesTool = given.blocks?.some(block => block.type === 'tool_use')
  return {
    id: token('msg'),
    model: 'claude-sonnet-5-5',
    blocks: [{ type: 'text', text: 'Hello from the upstream.' }],
    usage: { input: 21, output: 13, cacheRead: 1700, write5m: 110, write1h: 57 },
    stopReason: usesTool ? 'tool_use' : 'end_turn',
    safeguards: undefined,
    ...given,
  }
}

/** Thinking, text with characters of all widths, and a tool call. */
export function richAnswer(given: Partial<Answer> = {}): Answer {
  return answer({
    blocks: [
      { type: 'thinking', thinking: 'The user greets. I greet back.', signature: randomBytes(96).toString('base64') },
      { type: 'text', text: 'Grüße, 世界 👋🏽 — done.', pieces: 5 },
      { type: 'tool_use', id: newToolId(), name: 'Bash', input: { command: 'echo "hi"', description: 'Say hi' } },
    ],
    ...given,
  })
}

/** What an upstream says of a request only where it applies. */
const extraUsage = ({ webSearches, speed, inferenceGeo }: AnswerUsage) => ({
  ...webSearches === undefined ? {} : { server_tool_use: { web_search_requests: webSearches } },
  ...speed === undefined ? {} : { speed },
  ...inferenceGeo === undefined ? {} : { inference_geo: inferenceGeo },
})

const startUsage = ({ input, cacheRead, write5m, write1h, ...extra }: AnswerUsage) => ({
  input_tokens: input,
  cache_creation_input_tokens: write5m + write1h,
  cache_read_input_tokens: cacheRead,
  cache_creation: { ephemeral_5m_input_tokens: write5m, ephemeral_1h_input_tokens: write1h },
  output_tokens: 1,
  service_tier: 'standard',
  ...extraUsage({ input, cacheRead, write5m, write1h, ...extra }),
})

function contentOf(block: Block): unknown {
  if (block.type === 'text') return { type: 'text', text: block.text }
  return block
}

/** The body of a non-streaming answer. */
export function answerJson(given: Answer): Record<string, unknown> {
  return {
    model: given.model,
    id: given.id,
    type: 'message',
    role: 'assistant',
    content: given.blocks.map(contentOf),
    stop_reason: given.stopReason,
    stop_sequence: null,
    usage: { ...startUsage(given.usage), output_tokens: given.usage.output },
    ...given.safeguards === undefined ? {} : { safeguard_results: given.safeguards },
  }
}

/** Cuts into about `count` pieces, never inside a character. */
function pieces(text: string, count: number): string[] {
  const letters = [...text]
  const size = Math.max(1, Math.ceil(letters.length / count))
  const parts = []
  for (let at = 0; at < letters.length; at += size) parts.push(letters.slice(at, at + size).join(''))
  return parts
}

function deltasOf(block: Block): unknown[] {
  if (block.type === 'text') return pieces(block.text, block.pieces ?? 3).map(text => ({ type: 'text_delta', text }))
  if (block.type === 'tool_use') {
    const parts = ['', ...pieces(JSON.stringify(block.input), 4)]
    return parts.map(part => ({ type: 'input_json_delta', partial_json: part }))
  }
  return [
    ...pieces(block.thinking, 2).map(thinking => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature: block.signature },
  ]
}

function emptyBlock(block: Block): unknown {
  if (block.type === 'text') return { type: 'text', text: '' }
  if (block.type === 'tool_use') return { ...block, input: {} }
  return { type: 'thinking', thinking: '', signature: '' }
}

function blockFrames(block: Block, index: number): Frame[] {
  return [
    { event: 'content_block_start', data: { type: 'content_block_start', index, content_block: emptyBlock(block) } },
    ...deltasOf(block).map(delta => ({ event: 'content_block_delta', data: { type: 'content_block_delta', index, delta } })),
    { event: 'content_block_stop', data: { type: 'content_block_stop', index } },
  ]
}

/** The events of a streamed answer, in the order an upstream sends them. */
export function answerFrames(given: Answer): Frame[] {
  const { id, model, usage, stopReason, safeguards } = given
  const message = {
    model, id, type: 'message', role: 'assistant', content: [], stop_reason: null, stop_sequence: null, usage: startUsage(usage),
  }
  const { input, cacheRead, write5m, write1h, output } = usage
  return [
    { event: 'message_start', data: { type: 'message_start', message } },
    { event: 'ping', data: { type: 'ping' } },
    ...given.blocks.flatMap(blockFrames),
    {
      event: 'message_delta',
      data: {
        type: 'message_delta',
        delta: { stop_reason: stopReason, stop_sequence: null, ...safeguards === undefined ? {} : { safeguard_results: safeguards } },
        usage: {
          input_tokens: input,
          cache_creation_input_tokens: write5m + write1h,
          cache_read_input_tokens: cacheRead,
          output_tokens: output,
          ...extraUsage(usage),
        },
      },
    },
    { event: 'message_stop', data: { type: 'message_stop' } },
  ]
}

/** Upstreams pad some data lines with blanks: a relay that rewrites frames loses them. */
export const frameText = ({ event, data }: Frame): string => {
  const text = JSON.stringify(data)
  return `event: ${event}\ndata: ${text}${' '.repeat(text.length % 7)}\n\n`
}

/** Verdicts of auto mode: every tool call of the answer judged alike. */
export function safeguardVerdicts(blocks: Block[], outcome: 'flagged' | 'not_flagged'): unknown {
  const calls = blocks.filter(block => block.type === 'tool_use').map(block => [block.id, { type: 'evaluated', outcome }])
  return [{ type: 'dangerous_tool_use', status: { type: 'available', tool_uses: Object.fromEntries(calls) } }]
}
