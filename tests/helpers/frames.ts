/** A server-sent event as it came, or a comment. */
export interface SeenFrame {
  /** Name of the event; empty for a comment. */
  event: string
  data: unknown
  /** Its exact text, closing blank line included. */
  text: string
}

/** Splits a stream strictly: what a frame may not be is noted in `violations`. */
export class FrameReader {
  readonly frames: SeenFrame[] = []
  readonly violations: string[] = []
  private rest: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): void {
    this.rest = this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk
    for (let end = this.rest.indexOf('\n\n'); end >= 0; end = this.rest.indexOf('\n\n')) {
      this.take(this.rest.subarray(0, end + 2).toString())
      this.rest = this.rest.subarray(end + 2)
    }
  }

  /** The stream is over: nothing may be left. */
  end(): void {
    if (this.rest.length) this.violations.push(`ends inside a frame: ${JSON.stringify(this.rest.toString().slice(0, 80))}`)
  }

  private take(text: string): void {
    const lines = text.slice(0, -2).split('\n')
    if (lines.every(line => line.startsWith(':'))) return void this.frames.push({ event: '', data: null, text })
    const [first = '', second = '', ...more] = lines
    if (!first.startsWith('event: ') || !second.startsWith('data: ') || more.length) {
      this.violations.push(`not "event:" and "data:": ${JSON.stringify(text.slice(0, 120))}`)
      return
    }
    const event = first.slice('event: '.length)
    this.frames.push({ event, data: this.parse(event, second.slice('data: '.length)), text })
  }

  private parse(event: string, text: string): unknown {
    try {
      const data = JSON.parse(text) as { type?: unknown }
      if (data.type !== event) this.violations.push(`event ${event} holds data of type ${String(data.type)}`)
      return data
    }
    catch {
      this.violations.push(`data of ${event} is no JSON: ${text.slice(0, 80)}`)
      return null
    }
  }
}

const dataOf = (frames: SeenFrame[], event: string) => frames.filter(frame => frame.event === event).map(frame => frame.data)

/** A complete answer: begun, ended by its own last event, every block closed. */
export function isComplete(frames: SeenFrame[]): boolean {
  const events = frames.map(frame => frame.event).filter(event => event && event !== 'ping')
  const count = (event: string) => events.filter(seen => seen === event).length
  return events[0] === 'message_start' && events.at(-1) === 'message_stop' && !events.includes('error')
    && count('content_block_start') === count('content_block_stop') && count('message_delta') > 0
}

interface Counts {
  input_tokens?: number
  output_tokens?: number
  cache_read_input_tokens?: number
  cache_creation?: { ephemeral_5m_input_tokens: number, ephemeral_1h_input_tokens: number }
}

/** The tokens a client would count: message_start, overlaid by message_delta. */
export function tokensOf(frames: SeenFrame[]): Record<'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens', number> {
  const [start] = dataOf(frames, 'message_start') as { message: { usage: Counts } }[]
  const last = (dataOf(frames, 'message_delta') as { usage: Counts }[]).at(-1)
  const usage = { ...start?.message.usage, ...last?.usage }
  return {
    inputTokens: usage.input_tokens ?? 0,
    outputTokens: usage.output_tokens ?? 0,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWrite5mTokens: usage.cache_creation?.ephemeral_5m_input_tokens ?? 0,
    cacheWrite1hTokens: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
  }
}

/** The text of an answer, put together from its deltas. */
export function textIn(frames: SeenFrame[]): string {
  const deltas = dataOf(frames, 'content_block_delta') as { delta: { type: string, text?: string } }[]
  return deltas.map(({ delta }) => delta.text ?? '').join('')
}

/** The message id of the answer. */
export function messageId(frames: SeenFrame[]): string | undefined {
  const [start] = dataOf(frames, 'message_start') as { message: { id: string } }[]
  return start?.message.id
}
