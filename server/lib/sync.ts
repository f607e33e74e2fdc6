import { z } from 'zod'
import type { ChangesRepo } from '../db/repos/changes'
import type { Kv } from '../kv/kv'
import { changeKinds, type Changes } from './changes'
import type { Logger } from './logger'

/** Keeps the in-memory views of several instances alike: published through the kv at once, polled from the database for certain. */
export interface Sync {
  start(): Promise<void>
  stop(): Promise<void>
}

export interface SyncDeps {
  changes: Changes
  repo: ChangesRepo
  kv: Kv
  instanceId: string
  logger: Logger
}

const CHANNEL = 'changes'
const POLL_MS = 1_000
/** A note may be seen later than others of its time: each look goes back this far. */
const OVERLAP_MS = 15_000
const KEEP_MS = 3_600_000
/** Who has not looked for longer may have missed a note, and reads everything anew. */
const GAP_MS = KEEP_MS - 60_000
const PRUNE_MS = 600_000

const message = z.object({ note: z.string(), from: z.string(), kind: z.enum(changeKinds), id: z.string() })

export function createSync({ changes, repo, kv, instanceId, logger }: SyncDeps): Sync {
  /** Notes that were taken in, with the database's time as far as it was known then. */
  const seen = new Map<string, number>()
  let timer: NodeJS.Timeout | null = null
  let polling: Promise<void> | null = null
  /** Times are the database's, since the clocks of the instances may differ. */
  let knownTime = 0
  let lookedAt = 0
  let prunedAt = 0
  let away = false
  let unsubscribe: (() => Promise<void>) | null = null

  async function take(note: string, kind: string, id: string): Promise<void> {
    if (seen.has(note)) return
    seen.set(note, knownTime)
    const known = changeKinds.find(one => one === kind)
    try {
      if (known) await changes.receive(known, id)
    }
    catch (error) {
      // Not taken in: the next look tries again.
      seen.delete(note)
      throw error
    }
  }

  async function poll(): Promise<void> {
    try {
      const now = knownTime = await repo.now()
      if (now - lookedAt > GAP_MS) await changes.gap()
      // The database's clock may have been set back, or be another one's after a failover.
      for (const { id, kind, refId } of await repo.since(Math.min(now, lookedAt) - OVERLAP_MS)) await take(id, kind, refId)
      lookedAt = now
      for (const [note, at] of seen) if (Math.abs(now - at) > 2 * OVERLAP_MS) seen.delete(note)
      if (Math.abs(now - prunedAt) > PRUNE_MS) {
        await repo.prune(KEEP_MS)
        prunedAt = now
      }
      if (away) logger.info('changes of other instances are followed again')
      away = false
    }
    catch (error) {
      if (!away) logger.warn({ err: error }, 'changes of other instances cannot be read right now')
      away = true
    }
  }

  async function listen(): Promise<void> {
    try {
      unsubscribe ??= await kv.subscribe(CHANNEL, (text) => {
        const parsed = message.safeParse(JSON.parse(text))
        if (!parsed.success || parsed.data.from === instanceId) return
        const { note, kind, id } = parsed.data
        take(note, kind, id).catch((error: unknown) => logger.warn({ err: error, kind }, 'a change of another instance could not be taken in and is tried again'))
      })
    }
    catch (error) {
      logger.warn({ err: error }, 'changes are only polled: the kv cannot be subscribed to')
    }
  }

  const tick = (): void => {
    polling ??= poll().finally(() => polling = null)
  }

  return {
    async start() {
      lookedAt = knownTime = await repo.now()
      changes.tell(async (kind, id) => {
        const note = await repo.append(kind, id)
        seen.set(note, knownTime)
        // Whoever misses this message finds the note within a second.
        await kv.publish(CHANNEL, JSON.stringify({ note, from: instanceId, kind, id })).catch((error: unknown) => logger.debug({ err: error }, 'a change was noted but not published'))
      })
      await listen()
      timer = setInterval(tick, POLL_MS)
      timer.unref()
    },
    async stop() {
      if (timer) clearInterval(timer)
      await polling
      await unsubscribe?.()
    },
  }
}
