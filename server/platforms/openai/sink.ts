import type { Fields } from './chat'

export type BlockStart
  = { type: 'text' }
    | { type: 'thinking' }
    | { type: 'tool_use', id: string, name: string }

export interface MessageEnd {
  stopReason: string
  stopSequence: string | null
  /** As the Messages API tells it. */
  usage: Fields
}

/** Takes an answer as a sequence of steps that keeps the grammar of the Messages API: one block open at a time, counted from 0. */
export interface AnswerSink {
  start(id: string, model: string): void
  open(index: number, block: BlockStart): void
  piece(index: number, type: BlockStart['type'], text: string): void
  close(index: number): void
  finish(end: MessageEnd): void
  error(type: string, message: string): void
  /** What there is to be sent since the last call, or null. */
  take(): Buffer | null
}

/** A message without content, as a stream begins with it. */
export const emptyMessage = (id: string, model: string) => ({
  id, type: 'message', role: 'assistant', model, content: [] as Fields[], stop_reason: null as string | null, stop_sequence: null as string | null,
  usage: { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 } as Fields,
})
