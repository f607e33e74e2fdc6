import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { withFallback } from './fallback'
import type { Kv } from './kv'
import { createMemoryKv } from './memory'
import { openRedisKv } from './redis'

/**
 * Redis when an address is given, with this process's memory for the time it is away; else that memory alone.
 * Throws RedisError when Redis does not answer at the start.
 */
export async function openKv({ redisUrl, clock, logger }: { redisUrl: string | null, clock: Clock, logger: Logger }): Promise<Kv> {
  const own = createMemoryKv({ clock, logger })
  return redisUrl ? withFallback(await openRedisKv({ url: redisUrl, logger }), own) : own
}
