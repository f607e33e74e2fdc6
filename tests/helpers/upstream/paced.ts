import { answerFrames, frameText, type Answer } from '../../../demo/upstream/answer'
import { answerTo, streamHead } from './behaviours'
import type { Behaviour } from './exchange'

/** A gate that a test opens. */
export interface Gate { opened: Promise<void>, open(): void }

export function gate(): Gate {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

/** Lets frames go one by one, or as many as the test allows. */
export interface Pace {
  /** Allows that many more frames; Infinity = the rest. */
  allow(frames: number): void
  next(): Promise<void>
}

export function createPace(): Pace {
  let allowed = 0
  let waiting: (() => void)[] = []
  return {
    allow(frames) {
      allowed += frames
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    async next() {
      while (allowed < 1) await new Promise<void>(resolve => waiting.push(resolve))
      allowed--
    },
  }
}

/** A complete stream whose frames go out as `pace` allows. */
export function paced(pace: Pace, given: Partial<Answer> = {}): Behaviour {
  return async (exchange) => {
    exchange.res.writeHead(200, streamHead())
    exchange.res.flushHeaders()
    for (const frame of answerFrames(answerTo(exchange.request, given))) {
      await Promise.race([pace.next(), exchange.gone])
      if (!await exchange.write(frameText(frame))) return
    }
    exchange.res.end()
    await exchange.gone
  }
}

/** A complete stream cut into writes of `size` bytes: characters and frames fall apart over chunks. */
export function chopped(size: number, given: Partial<Answer> = {}): Behaviour {
  return async (exchange) => {
    const { res } = exchange
    res.writeHead(200, streamHead())
    res.socket?.setNoDelay(true)
    const bytes = Buffer.from(answerFrames(answerTo(exchange.request, given)).map(frameText).join(''))
    for (let at = 0; at < bytes.length; at += size) {
      if (!await exchange.write(bytes.subarray(at, at + size))) return
      // Each piece is handed to the system on its own before the next is written.
      await new Promise<void>(resolve => setImmediate(resolve))
    }
    res.end()
    await exchange.gone
  }
}

/** A complete stream of about `bytes` bytes of text; what was sent is counted in `progress`, not recorded. */
export function huge(bytes: number, progress: { sent: number } = { sent: 0 }): Behaviour {
  return async ({ request, res, gone }) => {
    const frames = answerFrames(answerTo(request, { blocks: [{ type: 'text', text: 'x' }] })).map(frameText)
    const delta = frameText({
      event: 'content_block_delta',
      data: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'y'.repeat(16_000) } },
    })
    const texts = [...frames.slice(0, 4), ...Array<string>(Math.ceil(bytes / delta.length)).fill(delta), ...frames.slice(4)]
    res.writeHead(200, streamHead())
    for (const text of texts) {
      if (res.destroyed) return
      const full = !res.write(text)
      progress.sent += text.length
      if (full) await Promise.race([new Promise<void>(resolve => res.once('drain', resolve)), gone])
    }
    res.end()
    await gone
  }
}
