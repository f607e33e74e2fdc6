import { headerOf } from '../../relay/headers'
import { asFields } from '../_shared/anthropic-reducer'
import { AnswerFault, type AnswerConverter, type UsageReading } from '../platform'
import type { Fields } from './chat'
import { errorAnswer, errorIn, type ChatError } from './errors'
import { FrameSink } from './frame-sink'
import { ChatMachine, type MachineOptions } from './machine'
import { MessageSink } from './message-sink'
import type { AnswerSink } from './sink'
import { sseData } from './sse-data'

/** Of an answer that is held whole. */
const MAX_HELD = 64 * 1024 * 1024
const MAX_ERROR = 1024 * 1024

/** Not passed on: what describes the bytes as they came, and whose account it is. */
const DROPPED = /^(?:content-type|content-length|content-encoding|transfer-encoding|openai-|x-request-id$)/i

/**
 * The answer of one chat completion as an Anthropic answer: as a stream or in one piece as the client asked, whichever of them the
 * upstream sends; an error answer as an Anthropic error.
 */
export class ChatAnswer implements AnswerConverter {
  private readonly sink: AnswerSink
  private readonly machine: ChatMachine
  private readonly data = sseData()
  private mode: 'unknown' | 'events' | 'whole' | 'error' = 'unknown'
  private status = 200
  private held: Buffer[] = []
  private heldBytes = 0
  private failure: ChatError | null = null

  constructor(private readonly o: MachineOptions & { stream: boolean }) {
    this.sink = o.stream ? new FrameSink() : new MessageSink()
    this.machine = new ChatMachine(o, this.sink)
  }

  get whole(): boolean {
    return this.mode === 'events' && this.machine.finished
  }

  head(status: number, rawHeaders: string[]): string[] {
    this.status = status
    if (status >= 400) this.mode = 'error'
    const headers: string[] = []
    for (let at = 0; at < rawHeaders.length; at += 2) if (!DROPPED.test(rawHeaders[at]!)) headers.push(rawHeaders[at]!, rawHeaders[at + 1]!)
    const id = headerOf(rawHeaders, 'x-request-id')
    if (id !== undefined && headerOf(rawHeaders, 'request-id') === undefined) headers.push('request-id', id)
    headers.push('content-type', status < 400 && this.o.stream ? 'text/event-stream; charset=utf-8' : 'application/json')
    return headers
  }

  push(chunk: Buffer): Buffer | null {
    if (this.mode === 'unknown') this.mode = modeOf(chunk)
    if (this.mode === 'events') {
      for (const text of this.data.push(chunk)) this.take(text)
      return this.o.stream ? this.sink.take() : null
    }
    if (this.mode !== 'unknown' || chunk.length > 0) this.hold(chunk)
    return null
  }

  end(): Buffer | null {
    if (this.mode === 'error') return this.errorBody()
    if (this.mode === 'events') {
      for (const text of this.data.end()) this.take(text)
    }
    else if (this.heldBytes > 0) this.takeWhole()
    this.machine.end()
    const bytes = this.sink.take()
    if (bytes === null && !this.o.stream && this.mode === 'events') throw new AnswerFault('upstream_truncated', 'The upstream ended its answer before it was complete.')
    return bytes
  }

  complete(reading: UsageReading): UsageReading {
    const { machine } = this
    const error = reading.error && { ...reading.error, said: (this.failure ?? machine.error)?.said }
    const usage = machine.started ? machine.usage.result() : reading.usage
    return { ...reading, usage, complete: reading.complete && machine.usage.known, servedModel: machine.servedModel, error }
  }

  private take(text: string): void {
    if (text === '[DONE]') return this.machine.end()
    const chunk = asFields(parsed(text))
    if (!chunk) throw new AnswerFault('broken_event', 'The upstream sent an event that is not a JSON object.')
    this.machine.take(chunk)
  }

  private takeWhole(): void {
    const completion = asFields(parsed(Buffer.concat(this.held).toString('utf8')))
    if (!completion || (!Array.isArray(completion.choices) && !looksFailed(completion))) throw new AnswerFault('not_a_message', 'The answer is not a chat completion. Check the base URL.')
    this.machine.takeWhole(completion)
  }

  private hold(chunk: Buffer): void {
    const most = this.mode === 'error' ? MAX_ERROR : MAX_HELD
    if (this.heldBytes + chunk.length > most) {
      if (this.mode === 'error') return
      throw new AnswerFault('answer_too_large', `The answer is larger than ${most} bytes.`)
    }
    this.held.push(chunk)
    this.heldBytes += chunk.length
  }

  private errorBody(): Buffer {
    this.failure = errorAnswer(this.status, Buffer.concat(this.held), this.o.requestBytes)
    const { type, message } = this.failure
    return Buffer.from(JSON.stringify({ type: 'error', error: { type, message } }))
  }
}

const looksFailed = (body: Fields): boolean => errorIn(body) !== null

/** By its first letter, since upstreams name the type of what they send wrongly. */
function modeOf(chunk: Buffer): 'unknown' | 'events' | 'whole' {
  const first = chunk.toString('latin1').trimStart()
  if (first === '') return 'unknown'
  return /^[{[<]/.test(first) ? 'whole' : 'events'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
