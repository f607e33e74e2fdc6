import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'

/** What reached the upstream, byte by byte, and how it went on. */
export interface RecordedRequest {
  /** 0 for the first. */
  index: number
  method: string
  path: string
  /** With its `?`, or empty. */
  query: string
  rawHeaders: string[]
  headers: IncomingHttpHeaders
  body: Buffer
  sha256: string
  /** The body as JSON, or null when it is none. */
  json: Record<string, unknown> | null
  /** The answer was written to its end. */
  finished: boolean
  /** The peer closed the connection before the answer was finished. */
  aborted: boolean
  /** What was answered, piece by piece, before any content-encoding. */
  sent: Buffer[]
}

/** One request under way, as a behaviour sees it. */
export interface Exchange {
  request: RecordedRequest
  res: ServerResponse
  /** Writes; resolves when the peer took it: false when the peer is gone. */
  write(data: string | Buffer): Promise<boolean>
  /** Resolves when the connection is over. */
  gone: Promise<void>
  /** Breaks the connection from this side. */
  cut(): void
  /** Breaks it with a reset instead of an orderly close. */
  reset(): void
}

export type Behaviour = (exchange: Exchange) => void | Promise<void>

function parse(body: Buffer): Record<string, unknown> | null {
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>
  }
  catch {
    return null
  }
}

/** Reads the request to its end. Rejects when the peer leaves before that. */
export async function readRequest(req: IncomingMessage, index: number): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const url = req.url ?? '/'
  const at = url.indexOf('?')
  return {
    index, body,
    method: req.method ?? '',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at),
    rawHeaders: req.rawHeaders,
    headers: req.headers,
    sha256: createHash('sha256').update(body).digest('hex'),
    json: parse(body),
    finished: false,
    aborted: false,
    sent: [],
  }
}

export function openExchange(request: RecordedRequest, res: ServerResponse, changed: () => void): Exchange {
  let ours = false
  const gone = new Promise<void>((resolve) => {
    res.on('close', () => {
      request.finished = res.writableFinished
      request.aborted = !res.writableFinished && !ours
      changed()
      resolve()
    })
  })
  return {
    request, res, gone,
    async write(data) {
      if (res.destroyed) return false
      const bytes = typeof data === 'string' ? Buffer.from(data) : data
      request.sent.push(bytes)
      if (!res.write(bytes)) await Promise.race([once(res, 'drain'), gone])
      changed()
      return !res.destroyed
    },
    cut() {
      ours = true
      res.destroy()
    },
    reset() {
      ours = true
      res.socket?.resetAndDestroy()
    },
  }
}
