import type { AnswerConverter } from '../platforms/platform'
import { ClientGone } from './body'
import type { SourceListener } from './source'

/** Takes a converted answer. */
export interface ConvertedListener extends SourceListener {
  /** The upstream said something, even if nothing follows from it yet. */
  heard(): void
  /** Ends the request at the upstream; `error` follows. */
  abort(reason: Error): void
}

/**
 * Puts a converter between an upstream and whoever takes its answer, who then sees an Anthropic upstream: judging, failover, journal
 * and end need not know of the other format.
 */
export function converting(target: ConvertedListener, converter: AnswerConverter): SourceListener {
  /** False when the answer turned out not to be one; the target was told. */
  function give(convert: () => Buffer | null): boolean {
    try {
      const bytes = convert()
      if (bytes) target.data(bytes)
      return true
    }
    catch (error) {
      target.abort(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }
  return {
    head: (status, rawHeaders) => target.head(status, converter.head(status, rawHeaders), true),
    data(chunk) {
      target.heard()
      give(() => converter.push(chunk))
    },
    end() {
      if (give(() => converter.end())) target.end()
    },
    error(error) {
      if (!converter.whole || error instanceof ClientGone) target.error(error)
      else if (give(() => converter.end())) target.end()
    },
  }
}
