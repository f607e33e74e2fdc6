import { asFields } from '../_shared/anthropic-reducer'
import { AnswerFault } from '../platform'
import { emptyMessage, type AnswerSink, type BlockStart, type MessageEnd } from './sink'

/** Puts the answer together as one JSON message. */
export class MessageSink implements AnswerSink {
  private message = emptyMessage('', '')
  private readonly blocks: { start: BlockStart, pieces: string[] }[] = []
  private out: object | null = null

  start(id: string, model: string): void {
    this.message = emptyMessage(id, model)
  }

  open(_index: number, start: BlockStart): void {
    this.blocks.push({ start, pieces: [] })
  }

  piece(index: number, _type: BlockStart['type'], text: string): void {
    this.blocks[index]!.pieces.push(text)
  }

  close(): void {}

  finish({ stopReason, stopSequence, usage }: MessageEnd): void {
    const content = this.blocks.flatMap(({ start, pieces }) => whole(start, pieces.join(''), stopReason))
    this.out = { ...this.message, content, stop_reason: stopReason, stop_sequence: stopSequence, usage: { ...this.message.usage, ...usage } }
  }

  error(type: string, message: string): void {
    this.out = { type: 'error', error: { type, message } }
  }

  take(): Buffer | null {
    if (!this.out) return null
    const bytes = Buffer.from(JSON.stringify(this.out))
    this.out = null
    return bytes
  }
}

/** A tool call that the limit on tokens cut off is left out: nobody may run half of it. */
function whole(start: BlockStart, text: string, stopReason: string): object[] {
  if (start.type === 'text') return [{ type: 'text', text }]
  if (start.type === 'thinking') return [{ type: 'thinking', thinking: text, signature: '' }]
  const input = inputOf(text)
  if (input) return [{ ...start, input }]
  if (stopReason === 'max_tokens') return []
  throw new AnswerFault('broken_tool_call', 'The upstream called a tool with arguments that are not a JSON object.')
}

function inputOf(text: string): object | null {
  try {
    return asFields(JSON.parse(text))
  }
  catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
