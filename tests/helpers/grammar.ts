import { FrameReader } from './frames'

interface Data { [name: string]: unknown, index?: number }

const DELTAS: Record<string, string[]> = { text: ['text_delta'], thinking: ['thinking_delta', 'signature_delta'], tool_use: ['input_json_delta'] }
const REASONS = ['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal', 'model_context_window_exceeded']

/** A message as a strict reader of the stream puts it together. */
export interface ReadMessage {
  id: string
  model: string
  content: { [name: string]: unknown, type: string }[]
  stopReason: string | null
  stopSequence: string | null
  usage: Record<string, unknown>
  error: { type: string, message: string } | null
  /** Ended by message_stop. */
  complete: boolean
}

/**
 * Reads a stream by the grammar of the Messages API and throws at the first breach: message_start; blocks one after the other, counted
 * from 0, each opened empty, fed with its own kind of deltas and closed; message_delta; message_stop; nothing after. An error event may
 * end it anywhere.
 */
export function readMessage(bytes: Buffer | string): ReadMessage {
  const reader = new FrameReader()
  reader.push(Buffer.from(bytes))
  reader.end()
  if (reader.violations.length > 0) throw new Error(reader.violations.join('; '))
  const grammar = new Grammar()
  for (const { event, data } of reader.frames) if (event !== '' && event !== 'ping') grammar.take(event, data as Data)
  return grammar.message
}

class Grammar {
  readonly message: ReadMessage = { id: '', model: '', content: [], stopReason: null, stopSequence: null, usage: {}, error: null, complete: false }
  private state: 'begin' | 'between' | 'block' | 'ended' | 'over' = 'begin'
  private json = ''
  private readonly ids = new Set<string>()

  take(event: string, data: Data): void {
    if (this.state === 'over') throw new Error(`${event} after the end`)
    switch (event) {
      case 'message_start': return this.start(data.message as Data)
      case 'content_block_start': return this.open(data)
      case 'content_block_delta': return this.delta(data)
      case 'content_block_stop': return this.close(data)
      case 'message_delta': return this.messageDelta(data)
      case 'message_stop':
        this.need('ended', event)
        this.message.complete = true
        this.state = 'over'
        return
      case 'error':
        this.message.error = data.error as ReadMessage['error']
        check(text(this.message.error?.type) && text(this.message.error?.message), 'an error with type and message')
        this.state = 'over'
        return
      default: throw new Error(`unknown event ${event}`)
    }
  }

  private start(message: Data): void {
    this.need('begin', 'message_start')
    check(text(message.id) && text(message.model) && message.type === 'message' && message.role === 'assistant', 'id, model, type and role')
    check(Array.isArray(message.content) && message.content.length === 0 && message.stop_reason === null && message.stop_sequence === null, 'an empty message')
    Object.assign(this.message, { id: message.id, model: message.model, usage: { ...message.usage as object } })
    counts(this.message.usage)
    this.state = 'between'
  }

  private open({ index, content_block: given }: Data): void {
    this.need('between', 'content_block_start')
    check(index === this.message.content.length, `index ${index} instead of ${this.message.content.length}`)
    const block = { ...given as ReadMessage['content'][number] }
    check(block.type in DELTAS, `a block of type ${block.type}`)
    if (block.type === 'text') check(block.text === '', 'text begins empty')
    if (block.type === 'thinking') check(block.thinking === '' && block.signature === '', 'thinking begins empty')
    if (block.type === 'tool_use') this.openTool(block)
    this.message.content.push(block)
    this.json = ''
    this.state = 'block'
  }

  private openTool(block: Data): void {
    check(/^[a-zA-Z0-9_-]+$/.test(String(block.id)), `tool id ${String(block.id)}`)
    check(!this.ids.has(String(block.id)), 'a tool id of its own')
    this.ids.add(String(block.id))
    check(text(block.name) && JSON.stringify(block.input) === '{}', 'a name, and input that begins empty')
  }

  private delta({ index, delta: given }: Data): void {
    const block = this.current(index, 'content_block_delta')
    const delta = given as Data
    check(DELTAS[block.type]!.includes(String(delta.type)), `${String(delta.type)} in ${block.type}`)
    if (delta.type === 'text_delta') block.text = String(block.text) + string(delta.text)
    else if (delta.type === 'thinking_delta') block.thinking = String(block.thinking) + string(delta.thinking)
    else if (delta.type === 'signature_delta') block.signature = string(delta.signature)
    else this.json += string(delta.partial_json)
  }

  private close({ index }: Data): void {
    const block = this.current(index, 'content_block_stop')
    if (block.type === 'tool_use') block.input = this.json
    this.state = 'between'
  }

  private messageDelta({ delta: given, usage }: Data): void {
    this.need('between', 'message_delta')
    const delta = given as Data
    check(REASONS.includes(String(delta.stop_reason)), `stop reason ${String(delta.stop_reason)}`)
    check(delta.stop_sequence === null || (delta.stop_reason === 'stop_sequence' && text(delta.stop_sequence)), 'a stop sequence only with its reason')
    check((delta.stop_reason !== 'tool_use') || this.message.content.some(block => block.type === 'tool_use'), 'tool_use with a tool')
    counts(usage as Data)
    Object.assign(this.message.usage, usage)
    Object.assign(this.message, { stopReason: delta.stop_reason, stopSequence: delta.stop_sequence })
    this.state = 'ended'
  }

  private current(index: unknown, event: string): ReadMessage['content'][number] {
    this.need('block', event)
    check(index === this.message.content.length - 1, `${event} of block ${String(index)}`)
    return this.message.content.at(-1)!
  }

  private need(state: Grammar['state'], event: string): void {
    if (this.state !== state) throw new Error(`${event} while ${this.state}`)
  }
}

function check(sound: boolean, what: string): void {
  if (!sound) throw new Error(`expected: ${what}`)
}

function counts(usage: Record<string, unknown>): void {
  for (const name of ['input_tokens', 'output_tokens']) check(Number.isInteger(usage[name]) && Number(usage[name]) >= 0, `${name} as a count`)
}

const text = (value: unknown): boolean => typeof value === 'string' && value !== ''

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Error('expected: a delta with text')
  return value
}
