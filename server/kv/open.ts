import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import type { Kv } from './kv'
import { createMemoryKv } from './memory'
import { openRedisKv } from './redis'

/** Redis when an address is given, else the memory of this process. Throws RedisError when Redis does not answer. */
export async function openKv({ redisUrl, clock, logger }: { redisUrl: string | null, clock: Clock, logger: Logger }): Promise<Kv> {
  return redisUrl ? await openRedisKv({ url: redisUrl, logger }) : createMemoryKv({ clock, logger })
}
