import { z } from 'zod'
import type { ChangesRepo } from '../db/repos/changes'
import type { Kv } from '../kv/kv'
import { changeKinds, type Changes } from './changes'
import type { Clock } from './clock'
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
  clock: Clock
  logger: Logger
}

const CHANNEL = 'changes'
const POLL_MS = 1_000
/** Clocks differ and transactions end out of order: each look goes back this far. */
const OVERLAP_MS = 10_000
const KEEP_MS = 600_000

const message = z.object({ note: z.string(), from: z.string(), kind: z.enum(changeKinds), id: z.string() })

export function createSync({ changes, repo, kv, instanceId, clock, logger }: SyncDeps): Sync {
  const seen = new Map<string, number>()
  let timer: NodeJS.Timeout | null = null
  let polling: Promise<void> | null = null
  let lookedAt = 0
  let away = false
  let unsubscribe: (() => Promise<void>) | null = null

  async function take(note: string, kind: string, id: string): Promise<void> {
    if (seen.has(note)) return
    seen.set(note, clock.now())
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
    const now = clock.now()
    try {
      for (const { id, kind, refId } of await repo.since(lookedAt - OVERLAP_MS)) await take(id, kind, refId)
      lookedAt = now
      for (const [note, at] of seen) if (now - at > 2 * OVERLAP_MS) seen.delete(note)
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
      lookedAt = clock.now()
      changes.tell(async (kind, id) => {
        const note = await repo.append(kind, id, clock.now())
        seen.set(note, clock.now())
        // Whoever misses this message finds the note within a second.
        await kv.publish(CHANNEL, JSON.stringify({ note, from: instanceId, kind, id })).catch((error: unknown) => logger.debug({ err: error }, 'a change was noted but not published'))
      })
      await listen()
      await repo.prune(clock.now() - KEEP_MS)
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
