import { randomInt, randomUUID } from 'node:crypto'
import { FrameReader, messageId, tokensOf, type SeenFrame } from './frames'
import { open, responseOf } from './http'
import { smallBody } from './relay'
import type { Answer } from '../../demo/upstream/answer'

/** What one client of the load saw of its request. */
export interface Seen {
  /** Told to the relay and the upstream: finds the request on every side. */
  session: string
  stream: boolean
  status: number | null
  /** The client takes it for a whole answer. */
  complete: boolean
  /** What the client counted, when it is complete. */
  tokens: ReturnType<typeof tokensOf> | null
  /** It saw message_start. */
  started: boolean
}

/** Distinct counts, so that a row that is mixed up with another shows. */
export const randomUsage = (): Answer['usage'] => ({
  input: randomInt(1, 100_000), output: randomInt(2, 100_000), cacheRead: randomInt(1, 100_000), write5m: randomInt(1, 50_000), write1h: randomInt(1, 50_000),
})

interface JsonUsage { id: string, usage: { input_tokens: number, output_tokens: number, cache_read_input_tokens: number, cache_creation: { ephemeral_5m_input_tokens: number, ephemeral_1h_input_tokens: number } } }

function judge(seen: Seen, body: Buffer, orderly: boolean, frames: SeenFrame[]): Seen {
  if (seen.status !== 200) return seen
  if (seen.stream) {
    // A client accepts what is cut after the stop reason.
    const complete = frames.some(frame => frame.event === 'message_delta') && !frames.some(frame => frame.event === 'error')
    return { ...seen, complete, started: messageId(frames) !== undefined, tokens: complete ? tokensOf(frames) : null }
  }
  if (!orderly) return seen
  const { usage } = JSON.parse(body.toString()) as JsonUsage
  return {
    ...seen, complete: true, started: true,
    tokens: {
      inputTokens: usage.input_tokens, outputTokens: usage.output_tokens, cacheReadTokens: usage.cache_read_input_tokens,
      cacheWrite5mTokens: usage.cache_creation.ephemeral_5m_input_tokens, cacheWrite1hTokens: usage.cache_creation.ephemeral_1h_input_tokens,
    },
  }
}

/** One request, whatever becomes of it. Never rejects. */
export async function requestOnce(relayUrl: string, key: string, stream: boolean): Promise<Seen> {
  const seen: Seen = { session: randomUUID(), stream, status: null, complete: false, tokens: null, started: false }
  const request = open({
    url: `${relayUrl}/v1/messages`, headers: { 'x-api-key': key, 'x-claude-code-session-id': seen.session, 'content-type': 'application/json' }, body: smallBody({ stream }),
  })
  const reader = new FrameReader()
  const chunks: Buffer[] = []
  try {
    const response = await responseOf(request)
    // After the headers an error is the end of the answer, which the `close` event tells.
    request.on('error', () => {})
    seen.status = response.statusCode ?? null
    await new Promise<void>((resolve) => {
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if (stream) reader.push(chunk)
      })
      response.on('error', () => {})
      response.on('close', resolve)
    })
    return judge(seen, Buffer.concat(chunks), response.complete, reader.frames)
  }
  catch {
    return seen
  }
}

/** Clients that ask again and again. */
export interface Load {
  /** All requests that have ended. */
  seen: Seen[]
  /** No new requests; resolves when the running ones have ended. */
  stop(): Promise<Seen[]>
}

/** `each` is told of every request that ended. One in five is no stream. */
export function startLoad(relayUrl: string, key: string, clients: number, each: (seen: Seen) => void = () => {}): Load {
  const seen: Seen[] = []
  let stopped = false
  async function client(): Promise<void> {
    while (!stopped) {
      const one = await requestOnce(relayUrl, key, randomInt(5) > 0)
      seen.push(one)
      each(one)
      // The server is gone: only its next start ends this.
      if (one.status === null) return
    }
  }
  const all = Array.from({ length: clients }, client)
  return {
    seen,
    async stop() {
      stopped = true
      await Promise.all(all)
      return seen
    },
  }
}
