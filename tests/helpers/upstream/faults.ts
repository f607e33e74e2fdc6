import { answerFrames, frameText, type Answer, type Frame } from '../../../demo/upstream/answer'
import { answerTo, newRequestId, streamHead } from './behaviours'
import type { Behaviour, Exchange } from './exchange'

/**
 * Where a stream breaks: before the headers, after them, after message_start, between two deltas of a block,
 * inside the bytes of a frame, after the last content_block_stop, after message_delta.
 */
export type Point = 'headers' | 'nothing' | 'message_start' | 'in_block' | 'in_frame' | 'after_block' | 'message_delta'

const lastIndex = (frames: Frame[], event: string) => frames.findLastIndex(frame => frame.event === event)

function textUntil(frames: Frame[], point: Point): string {
  const texts = frames.map(frameText)
  const firstDelta = frames.findIndex(frame => frame.event === 'content_block_delta')
  const head = (count: number) => texts.slice(0, count).join('')
  switch (point) {
    case 'headers': return ''
    case 'nothing': return ''
    case 'message_start': return head(1)
    case 'in_block': return head(firstDelta + 1)
    case 'in_frame': return head(firstDelta + 1) + (texts[firstDelta + 1] ?? '').slice(0, 41)
    case 'after_block': return head(lastIndex(frames, 'content_block_stop') + 1)
    case 'message_delta': return head(lastIndex(frames, 'message_delta') + 1)
  }
}

async function begin(exchange: Exchange, point: Point, given: Partial<Answer>): Promise<void> {
  if (point === 'headers') return
  exchange.res.writeHead(200, streamHead())
  exchange.res.flushHeaders()
  const text = textUntil(answerFrames(answerTo(exchange.request, given)), point)
  if (text) await exchange.write(text)
}

/** Flushed to the socket before it is broken: the peer sees everything up to the point. */
const flushed = (exchange: Exchange) => new Promise<void>((resolve) => {
  const { socket } = exchange.res
  if (!socket || socket.destroyed || socket.writableLength === 0) return resolve()
  socket.write('', () => resolve())
})

/** The connection breaks there. */
export function cutAt(point: Point, given: Partial<Answer> = {}): Behaviour {
  return async (exchange) => {
    await begin(exchange, point, given)
    await flushed(exchange)
    exchange.cut()
  }
}

/** The connection is reset before a byte of the answer. */
export const reset = (): Behaviour => exchange => exchange.reset()

/** The answer ends there in good order, as if it were complete. */
export function endAt(point: Exclude<Point, 'headers'>, given: Partial<Answer> = {}): Behaviour {
  return async (exchange) => {
    await begin(exchange, point, given)
    exchange.res.end()
    await exchange.gone
  }
}

/** Nothing more comes after that; the connection stays open until the peer leaves, or `gate` resolves and the rest follows. */
export function silentAt(point: Point, { given = {}, gate }: { given?: Partial<Answer>, gate?: Promise<unknown> } = {}): Behaviour {
  return async (exchange) => {
    const frames = answerFrames(answerTo(exchange.request, given))
    if (point !== 'headers') {
      exchange.res.writeHead(200, streamHead())
      exchange.res.flushHeaders()
    }
    const text = textUntil(frames, point)
    if (text) await exchange.write(text)
    await (gate ? Promise.race([gate, exchange.gone]) : exchange.gone)
    if (exchange.res.destroyed) return
    if (point === 'headers') exchange.res.writeHead(200, streamHead())
    await exchange.write(frames.map(frameText).join('').slice(text.length))
    exchange.res.end()
    await exchange.gone
  }
}

const errorFrame = (type: string, message: string): Frame =>
  ({ event: 'error', data: { type: 'error', error: { type, message, details: null }, request_id: newRequestId() } })

/** An error event there, then the end. 'nothing' makes it the first event. */
export function errorAt(point: Exclude<Point, 'headers' | 'in_frame'>, type = 'overloaded_error', message = 'Overloaded'): Behaviour {
  return async (exchange) => {
    await begin(exchange, point, {})
    await exchange.write(frameText(errorFrame(type, message)))
    exchange.res.end()
    await exchange.gone
  }
}

/** A data line in the middle that is no JSON; the rest is sound. */
export function brokenJson(): Behaviour {
  return async (exchange) => {
    const texts = answerFrames(answerTo(exchange.request, {})).map(frameText)
    exchange.res.writeHead(200, streamHead())
    texts.splice(3, 0, 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,\n\n')
    await exchange.write(texts.join(''))
    exchange.res.end()
    await exchange.gone
  }
}
