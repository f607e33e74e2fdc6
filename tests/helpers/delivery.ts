import { anthropicUsage } from '#server/platforms/_shared/anthropic-usage'
import type { UsageReader } from '#server/platforms/platform'
import { Delivery } from '#server/relay/delivery'
import type { SourceListener } from '#server/relay/source'
import { ClientWriter } from '#server/relay/writer'
import { handClock } from './pool'
import { FakeResponse } from './response'
import { answer, answerFrames, frameText } from '../../demo/upstream/answer'

/** Milliseconds. */
const limits = { firstByte: 10_000, idle: 20_000, ping: 5_000, earlyCommit: 3_000 }

export const ping = 'event: ping\ndata: {"type": "ping"}\n\n'
export const streamHead = ['content-type', 'text/event-stream']
export const frames = answerFrames(answer()).map(frameText)
export const overloaded = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'

/** One client in memory with a clock set by hand, and any number of upstreams one after the other. */
export function setUpDelivery(stream = true) {
  const clock = handClock(1_000_000)
  const res = new FakeResponse()
  const steps: string[] = []
  const writer = new ClientWriter({ res: res.asResponse(), stream, requestId: 'req_1', arrivedAt: clock.now(), ownHeaders: [], clock, limits, turn: { commit: () => undefined, after: work => work() } })

  /** `over`: puts something around the reader of usage. */
  function upstream(over: (reader: UsageReader) => UsageReader = reader => reader) {
    const source = { paused: false, aborted: null as Error | null, listener: null as SourceListener | null }
    const delivery = new Delivery({
      writer, stream, clock, limits, reader: frames => over(anthropicUsage(frames)),
      onFirstByte: () => void steps.push('first byte'),
      onStarted: () => void steps.push('started'),
      onFinal: ({ stopReason }) => void steps.push(`final ${stopReason}, client has ${res.text().length} bytes, head ${res.headersSent}`),
    })
    delivery.attach({
      pause: () => void (source.paused = true),
      resume: () => void (source.paused = false),
      abort(reason) {
        source.aborted ??= reason
        ;(source.listener ?? delivery).error(source.aborted)
      },
    })
    return { delivery, source, send: (text: string) => delivery.data(Buffer.from(text)) }
  }

  /** Lets time pass, looked at every half second as in the relay. */
  function pass(ms: number, ...all: Delivery[]): void {
    for (const end = clock.time + ms; clock.time < end;) {
      clock.time += 500
      for (const one of [writer, ...all]) one.check(clock.time)
    }
  }

  return { clock, res, writer, steps, upstream, pass }
}
