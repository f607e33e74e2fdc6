import { setResponseHeaders, type H3Event } from 'h3'
import type { Sink } from '#server/live/stream'

/** Makes the answer a stream of server-sent events. Nothing between here and the browser should hold it back or change it. */
export function openEventStream(event: H3Event): Sink {
  const { res } = event.node
  setResponseHeaders(event, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' })
  event._handled = true
  res.flushHeaders()
  return {
    write: text => !res.writableEnded && res.write(text),
    onDrain: listener => void res.on('drain', listener),
    onClose: listener => void res.on('close', listener),
    close: () => void (res.writableNeedDrain ? res.destroy() : res.end()),
  }
}
