import { emptyMessage, type AnswerSink, type BlockStart, type MessageEnd } from './sink'

const DELTAS = { text: ['text_delta', 'text'], thinking: ['thinking_delta', 'thinking'], tool_use: ['input_json_delta', 'partial_json'] } as const

/** Writes the answer as server-sent events. */
export class FrameSink implements AnswerSink {
  private out = ''

  start(id: string, model: string): void {
    this.frame('message_start', { message: emptyMessage(id, model) })
  }

  open(index: number, block: BlockStart): void {
    this.frame('content_block_start', { index, content_block: emptyBlock(block) })
  }

  /** By hand, since this is done for every few letters. */
  piece(index: number, type: BlockStart['type'], text: string): void {
    const [delta, field] = DELTAS[type]
    this.out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"${delta}","${field}":${JSON.stringify(text)}}}\n\n`
  }

  close(index: number): void {
    this.frame('content_block_stop', { index })
  }

  finish({ stopReason, stopSequence, usage }: MessageEnd): void {
    this.frame('message_delta', { delta: { stop_reason: stopReason, stop_sequence: stopSequence }, usage })
    this.frame('message_stop', {})
  }

  error(type: string, message: string): void {
    this.frame('error', { error: { type, message } })
  }

  take(): Buffer | null {
    if (this.out === '') return null
    const bytes = Buffer.from(this.out)
    this.out = ''
    return bytes
  }

  private frame(event: string, data: object): void {
    this.out += `event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`
  }
}

function emptyBlock(block: BlockStart): object {
  switch (block.type) {
    case 'text': return { type: 'text', text: '' }
    // No signature is made up: it would fail when the conversation moves to an upstream that checks it.
    case 'thinking': return { type: 'thinking', thinking: '', signature: '' }
    case 'tool_use': return { ...block, input: {} }
  }
}
