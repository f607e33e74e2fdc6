import type { Kv } from '../kv/kv'
import type { Logger } from '../lib/logger'
import type { WaitingQueue } from './queue'
import type { Rooms } from './rooms'

const CHANNEL = 'room'

/** Lets a place that becomes free on one instance wake who waits for it on another. */
export async function shareReleases({ kv, rooms, queue, logger }: { kv: Kv, rooms: Rooms, queue: WaitingQueue, logger: Logger }): Promise<void> {
  rooms.onRelease(({ maxConcurrency, groupId }) => {
    if (maxConcurrency > 0) kv.publish(CHANNEL, groupId ?? '').catch((error: unknown) => logger.debug({ err: error }, 'a free place was not announced'))
  })
  try {
    await kv.subscribe(CHANNEL, pool => void queue.wake(pool))
  }
  catch (error) {
    logger.warn({ err: error }, 'free places on other instances are not heard of')
  }
}
