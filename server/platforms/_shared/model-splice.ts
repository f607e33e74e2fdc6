import { parseSpan, scanTopLevel, type Span } from '../../lib/json-scan'
import type { AnswerConverter, UsageReading } from '../platform'

/** A stream whose message has not begun within this is passed on as it is. */
const MAX_START = 256 * 1024
const MAX_WHOLE = 32 * 1024 * 1024

/** The bytes with one JSON value replaced; all others stay as they are. */
export const splice = (bytes: Buffer, [start, end]: Span, value: string): Buffer =>
  Buffer.concat([bytes.subarray(0, start), Buffer.from(JSON.stringify(value)), bytes.subarray(end)])

/**
 * Puts the model that was asked for into an Anthropic answer: into `message_start` of a stream, or at the top of a JSON message. Every
 * other byte, and every answer in which that value is not found, stays as it came.
 */
export class ModelSplice implements AnswerConverter {
  private held: Buffer[] = []
  private heldBytes = 0
  private mode: 'unknown' | 'stream' | 'json' | 'through' = 'unknown'
  private served: string | null = null
  readonly whole = false

  constructor(private readonly asked: string) {}

  head(status: number, rawHeaders: string[]): string[] {
    if (status >= 400) this.mode = 'through'
    return rawHeaders
  }

  push(chunk: Buffer): Buffer | null {
    if (this.mode === 'through') return chunk
    if (this.mode === 'unknown') this.mode = chunk[0] === 123 ? 'json' : 'stream'
    this.held.push(chunk)
    this.heldBytes += chunk.length
    if (this.mode === 'json') return this.heldBytes > MAX_WHOLE ? this.letGo() : null
    const bytes = this.gather()
    const place = startOf(bytes.toString('latin1'))
    if (place === 'later' && this.heldBytes <= MAX_START) return null
    return this.letGo(place === 'later' ? null : place)
  }

  end(): Buffer | null {
    if (this.heldBytes === 0) return null
    return this.letGo(this.mode === 'json' ? modelIn(this.gather().toString('latin1'), 0) : null)
  }

  complete(reading: UsageReading): UsageReading {
    return { ...reading, servedModel: this.served ?? reading.servedModel }
  }

  private letGo(place: Span | null = null): Buffer {
    const bytes = this.gather()
    this.mode = 'through'
    this.held = []
    this.heldBytes = 0
    if (!place) return bytes
    const model = parseSpan(bytes.toString('latin1'), place)
    if (typeof model !== 'string') return bytes
    this.served = model
    return splice(bytes, place, this.asked)
  }

  private gather(): Buffer {
    const bytes = this.held.length === 1 ? this.held[0]! : Buffer.concat(this.held)
    this.held = [bytes]
    return bytes
  }
}

/** Where the model stands in the first event of a stream's message; null when that event is another one. `text` is latin1. */
function startOf(text: string): Span | null | 'later' {
  const lines = /^data: ?(.*?)\r?\n/gm
  for (let found = lines.exec(text); found; found = lines.exec(text)) {
    const json = found[1]!
    const from = found.index + found[0].indexOf(json)
    const top = scanTopLevel(json)
    if (!top.ok) return null
    const message = top.fields.get('message')
    if (message) return modelIn(json.slice(...message), from + message[0])
    if (!/"ping"/.test(json)) return null
  }
  return 'later'
}

/** Where the model stands in a JSON object that begins at `from` of the whole. */
function modelIn(json: string, from: number): Span | null {
  const top = scanTopLevel(json)
  const span = top.ok ? top.fields.get('model') : undefined
  return span && json[span[0]] === '"' ? [from + span[0], from + span[1]] : null
}
