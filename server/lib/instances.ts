import type { InstanceRow, InstancesRepo } from '../db/repos/instances'
import type { Logger } from './logger'

/** Makes this process known to the others, and tells which ones live. */
export interface Instances {
  start(): Promise<void>
  /** This process and the others that live now, the oldest first. Times are epoch-ms. */
  living(): Promise<InstanceRow[]>
  /** Forgets those that have been gone for a week; answers how many. */
  prune(): Promise<number>
  /** Marks this process as ended in good order. Rejects never. */
  stop(): Promise<void>
}

export interface InstancesDeps {
  repo: InstancesRepo
  self: Omit<InstanceRow, 'heartbeatAt' | 'stoppedAt'>
  logger: Logger
}

const BEAT_MS = 10_000
/** One that is busy or cut off from the database for a moment is not gone. */
const ALIVE_MS = 30_000
const KEEP_MS = 7 * 24 * 60 * 60_000

export function createInstances({ repo, self, logger }: InstancesDeps): Instances {
  let timer: NodeJS.Timeout | null = null
  let beating: Promise<void> | null = null

  async function beat(): Promise<void> {
    try {
      // The row may have been pruned while the database could not be reached.
      if (!await repo.heartbeat(self.id)) await repo.register(self)
    }
    catch (error) {
      logger.debug({ err: error }, 'the heartbeat could not be written')
    }
  }

  return {
    async start() {
      await repo.register(self)
      timer = setInterval(() => beating ??= beat().finally(() => beating = null), BEAT_MS).unref()
    },
    living: () => repo.alive(ALIVE_MS),
    prune: () => repo.prune(KEEP_MS),
    async stop() {
      if (timer) clearInterval(timer)
      await beating
      try {
        await repo.stop(self.id)
      }
      catch (error) {
        logger.warn({ err: error }, 'the end of this process could not be written')
      }
    },
  }
}
