import type { IncomingMessage } from 'node:http'
import { RelayError } from './errors'

const EMPTY = Buffer.alloc(0)

/** What all request bodies held in memory may weigh together. */
export interface BufferBudget {
  take(bytes: number): boolean
  give(bytes: number): void
  readonly used: number
}

export function createBufferBudget(maxBytes: number): BufferBudget {
  let used = 0
  return {
    take(bytes) {
      if (used + bytes > maxBytes) return false
      used += bytes
      return true
    },
    give(bytes) {
      used -= bytes
    },
    get used() {
      return used
    },
  }
}

/** A request body in memory; `release` lets it go and gives its bytes back to the budget (once). */
export interface HeldBody {
  bytes: Buffer
  release(): void
}

/** The client went away before its request was whole. */
export class ClientGone extends Error {
  override name = 'ClientGone'
}

/**
 * Reads the whole body, byte for byte. A body over `maxBytes` is read to its end (up to twice the cap) without being kept, so
 * that the client sees the answer instead of a reset. Throws RelayError `body_too_large` or `busy`, or {@link ClientGone}.
 */
export function readBody(req: IncomingMessage, maxBytes: number, budget: BufferBudget): Promise<HeldBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let received = 0
    let held = 0
    let refusal: RelayError | undefined
    const release = (): void => {
      budget.give(held)
      held = 0
    }
    const refuse = (error: RelayError): void => {
      refusal = error
      chunks.length = 0
      release()
    }
    const onData = (chunk: Buffer): void => {
      received += chunk.length
      if (!refusal && received > maxBytes) refuse(new RelayError('body_too_large', `The request body is larger than ${maxBytes} bytes. Shorten the conversation (/compact) or attach less.`))
      if (refusal) {
        if (received > 2 * maxBytes) finish(() => reject(refusal))
        return
      }
      if (!budget.take(chunk.length)) return refuse(new RelayError('busy', 'The relay holds too many large requests right now. Try again shortly.', { retryAfterSeconds: 2 }))
      held += chunk.length
      chunks.push(chunk)
    }
    const onEnd = (): void => finish(() => {
      if (refusal) return reject(refusal)
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      // The listeners outlive the body: they must not keep a second copy of it.
      chunks.length = 0
      resolve(hold(bytes, release))
    })
    const onClose = (): void => finish(() => {
      release()
      reject(new ClientGone('The client left before its request was whole.'))
    })
    function finish(settle: () => void): void {
      req.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      // An error after this point is the connection's end, which the response's `close` event tells.
      req.on('error', () => undefined)
      settle()
    }
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
  })
}

function hold(bytes: Buffer, release: () => void): HeldBody {
  const held: HeldBody = {
    bytes,
    release() {
      held.bytes = EMPTY
      release()
    },
  }
  return held
}
