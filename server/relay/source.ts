import type { Dispatcher } from 'undici'
import type { UpstreamRequest } from '../platforms/platform'
import { decoderFor, type Decoder } from './decode'
import { headerOf } from './headers'

/** What an answer's reader is told, in order: head, data…, then end or error, once. */
export interface SourceListener {
  /** `rawHeaders` is flat; `decoded` says that the body is given decoded. */
  head(status: number, rawHeaders: string[], decoded: boolean): void
  data(chunk: Buffer): void
  end(): void
  error(error: Error): void
}

/** A request under way at an upstream. */
export interface Source {
  pause(): void
  resume(): void
  /** Ends the request at the upstream; no further listener call but one `error`. */
  abort(reason: Error): void
}

/** Sends a request and reports the answer, decoded if the upstream encoded it all the same. */
export function openSource(dispatcher: Dispatcher, request: UpstreamRequest, listener: SourceListener): Source {
  let controller: Dispatcher.DispatchController | null = null
  let decoder: Decoder | null = null
  let aborted: Error | null = null
  let over = false

  const finish = (error: Error | null): void => {
    if (over) return
    over = true
    decoder?.destroy()
    if (error) listener.error(aborted ?? error)
    else listener.end()
  }
  const abort = (reason: Error): void => {
    aborted ??= reason
    if (controller) controller.abort(reason)
    finish(reason)
  }

  function decodeWith(next: Decoder): void {
    decoder = next
    next.on('data', (chunk: Buffer) => void (over || listener.data(chunk)))
    next.on('drain', () => controller?.resume())
    next.on('end', () => finish(null))
    next.on('error', abort)
  }

  dispatcher.dispatch({ origin: request.origin, path: request.path, method: request.method, headers: request.headers, body: request.body }, {
    onRequestStart(given) {
      controller = given
      if (aborted) given.abort(aborted)
    },
    onResponseStart(given, status, headers) {
      if (status < 200 || over) return
      const raw = flatten(given.rawHeaders ?? headers)
      const encoding = headerOf(raw, 'content-encoding')
      const next = encoding ? decoderFor(encoding) : null
      if (next) decodeWith(next)
      listener.head(status, raw, next !== null)
    },
    onResponseData(given, chunk) {
      if (over) return
      if (!decoder) listener.data(chunk)
      else if (!decoder.write(chunk)) given.pause()
    },
    onResponseEnd() {
      if (decoder) decoder.end()
      else finish(null)
    },
    onResponseError(_given, error) {
      finish(error)
    },
  })

  return {
    pause() {
      if (decoder) decoder.pause()
      else controller?.pause()
    },
    resume() {
      if (decoder) decoder.resume()
      else controller?.resume()
    },
    abort,
  }
}

type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']>

function flatten(headers: RawHeaders): string[] {
  if (Array.isArray(headers)) return headers.map(part => typeof part === 'string' ? part : part.toString('latin1'))
  return Object.entries(headers).flatMap(([name, value]) => value === undefined ? [] : Array.isArray(value) ? value.flatMap(one => [name, one]) : [name, value])
}
