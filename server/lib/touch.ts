import type { Clock } from './clock'
import type { Logger } from './logger'

type Kind = 'key' | 'account'

/** Gathers "used just now" marks and writes them in batches, since no request should wait for or cause a write of its own. */
export interface Touch {
  mark(kind: Kind, id: string): void
  stop(): Promise<void>
}

export interface TouchOptions {
  clock: Clock
  logger: Logger
  periodMs: number
  /** Writes lastUsedAt (epoch-ms) of many rows. */
  write: Record<Kind, (ids: string[], at: number) => Promise<unknown>>
}

export function createTouch({ clock, logger, periodMs, write }: TouchOptions): Touch {
  const marked: Record<Kind, Set<string>> = { key: new Set(), account: new Set() }

  async function flush(kind: Kind): Promise<void> {
    const ids = [...marked[kind]]
    if (ids.length === 0) return
    marked[kind].clear()
    try {
      await write[kind](ids, clock.now())
    }
    catch (error) {
      for (const id of ids) marked[kind].add(id)
      logger.warn({ err: error }, 'last-used times could not be written')
    }
  }
  const flushAll = async (): Promise<void> => {
    await Promise.all([flush('key'), flush('account')])
  }
  const timer = setInterval(() => void flushAll(), periodMs)
  timer.unref()

  return {
    mark: (kind, id) => void marked[kind].add(id),
    async stop() {
      clearInterval(timer)
      await flushAll()
    },
  }
}
