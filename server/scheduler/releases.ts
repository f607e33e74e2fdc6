import { z } from 'zod'
import type { Kv } from '../kv/kv'
import type { Logger } from '../lib/logger'
import { wakeNext, type WaitingQueue } from './queue'
import type { Rooms } from './rooms'

const CHANNEL = 'places'
const LOOK_MS = 1_000

const message = z.object({ id: z.string(), groupId: z.string().nullable() })

export interface ReleasesDeps {
  kv: Kv
  rooms: Rooms
  queue: WaitingQueue
  instanceId: string
  logger: Logger
}

/**
 * Lets a place that becomes free on one instance wake who waits for it on another. What becomes free without a word (an
 * instance that died, a message that was lost, an account that came back) is found by a look each second. Gives the function
 * that ends it.
 */
export async function shareReleases({ kv, rooms, queue, instanceId, logger }: ReleasesDeps): Promise<() => Promise<void>> {
  const own = `{"from":${JSON.stringify(instanceId)},`
  rooms.onRelease(({ id, groupId, maxConcurrency }) => {
    if (maxConcurrency <= 0) return
    kv.publish(CHANNEL, own + JSON.stringify({ id, groupId }).slice(1)).catch((error: unknown) => logger.debug({ err: error }, 'a free place was not announced'))
  })
  const look = setInterval(() => queue.nudge(), LOOK_MS).unref()
  let unsubscribe = async (): Promise<void> => {}
  try {
    unsubscribe = await kv.subscribe(CHANNEL, (text) => {
      // Most of what is heard was said here: it is not worth reading.
      if (!text.startsWith(own)) wakeNext(queue, message.parse(JSON.parse(text)))
    })
  }
  catch (error) {
    logger.warn({ err: error }, 'free places on other instances are looked for once a second: the kv cannot be subscribed to')
  }
  return async () => {
    clearInterval(look)
    await unsubscribe()
  }
}
