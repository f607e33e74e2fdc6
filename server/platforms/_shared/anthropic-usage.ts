import { parseSpan, scanTopLevel } from '#server/lib/json-scan'
import type { UsageReader, UsageReading } from '../platform'
import { asFields, asText, UsageReducer } from './anthropic-reducer'
import { sseFrames } from './sse'

/** Frames that are read; all others, content among them, are passed over unparsed. */
const READ = new Set(['message_start', 'message_delta', 'message_stop', 'error'])

/** Reads usage from an answer of the Messages API: server-sent events, or one JSON body. */
export const anthropicUsage = (stream: boolean): UsageReader => (stream ? new StreamReader() : new JsonReader())

class StreamReader implements UsageReader {
  readonly #usage = new UsageReducer()
  #servedModel: string | null = null
  #stopReason: string | null = null
  #error: UsageReading['error'] = null
  #deltaUsage = false
  seen: UsageReader['seen'] = 'nothing'

  push(bytes: Buffer): void {
    for (const { event, data } of sseFrames(bytes)) {
      if (event !== '' && !READ.has(event)) continue
      const body = parsed(data)
      if (body) this.#take(event || asText(body.type), body)
    }
  }

  end(): UsageReading {
    return {
      usage: this.#usage.result(),
      complete: this.seen === 'final' && this.#deltaUsage,
      servedModel: this.#servedModel,
      stopReason: this.#stopReason,
      error: this.#error,
    }
  }

  #take(event: string | null, body: Record<string, unknown>): void {
    if (event === 'message_start') this.#start(asFields(body.message) ?? {})
    else if (event === 'message_delta') this.#delta(body)
    else if (event === 'message_stop') this.seen = 'final'
    else if (event === 'error') this.#error = errorOf(body.error)
  }

  #start(message: Record<string, unknown>): void {
    this.#servedModel = asText(message.model) ?? this.#servedModel
    this.#usage.add(asFields(message.usage) ?? {})
    if (this.seen === 'nothing') this.seen = 'started'
  }

  #delta(body: Record<string, unknown>): void {
    const usage = asFields(body.usage)
    if (usage) {
      this.#usage.add(usage)
      this.#deltaUsage = true
    }
    this.#stopReason = asText(asFields(body.delta)?.stop_reason) ?? this.#stopReason
    if (this.#stopReason) this.seen = 'final'
    else if (this.seen === 'nothing') this.seen = 'started'
  }
}

class JsonReader implements UsageReader {
  #pieces: Buffer[] = []
  #reading: UsageReading | null = null
  seen: UsageReader['seen'] = 'nothing'

  push(bytes: Buffer): void {
    this.#pieces.push(bytes)
    this.#reading = null
  }

  end(): UsageReading {
    this.#reading ??= this.#read()
    this.seen = this.#reading.complete ? 'final' : 'nothing'
    return this.#reading
  }

  #read(): UsageReading {
    const body = Buffer.concat(this.#pieces)
    this.#pieces = [body]
    const text = body.toString('latin1')
    const scan = scanTopLevel(text)
    const field = (name: string): unknown => {
      const span = scan.ok && scan.fields.get(name)
      return span ? parsedValue(() => parseSpan(text, span)) : null
    }
    const raw = asFields(field('usage'))
    const usage = new UsageReducer()
    usage.add(raw ?? {})
    const failed = field('type') === 'error' || asFields(field('error')) !== null
    return {
      usage: usage.result(),
      complete: raw !== null && !failed,
      servedModel: asText(field('model')),
      stopReason: asText(field('stop_reason')),
      error: failed ? errorOf(field('error')) : null,
    }
  }
}

function errorOf(raw: unknown): { type: string, message: string } {
  const fields = asFields(raw)
  return { type: asText(fields?.type) ?? 'api_error', message: asText(fields?.message) ?? asText(raw) ?? '' }
}

/** What an upstream sends may be broken; such a piece counts as not sent. */
function parsedValue(parse: () => unknown): unknown {
  try {
    return parse()
  }
  catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

const parsed = (json: string): Record<string, unknown> | null => asFields(parsedValue(() => JSON.parse(json)))
