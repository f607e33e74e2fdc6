import type { Redis } from 'ioredis'
import type { Logger } from '../lib/logger'
import { createListeners } from './listeners'

const heartbeatMs = 15_000

/**
 * Subscriptions over a connection of their own. After a reconnect they are taken up again; what was published
 * in between is lost, as always with Redis. `subscribe` rejects while Redis is away.
 */
export function createSubscriber(client: Redis, logger: Logger) {
  const listeners = createListeners((err, channel) => logger.error({ err, channel }, 'A listener failed'))
  const note = (err: unknown) => logger.debug({ err }, 'A command to Redis failed on the subscription connection')

  client.on('message', (channel: string, message: string) => listeners.deliver(channel, message))
  client.on('ready', () => {
    const channels = listeners.channels()
    if (channels.length) client.subscribe(...channels).catch(note)
  })
  // A connection that only listens would not notice that its peer vanished.
  const heartbeat = setInterval(() => {
    if (client.status === 'ready') client.ping().catch(note)
  }, heartbeatMs).unref()

  return {
    async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
      const remove = listeners.add(channel, listener)
      try {
        await client.subscribe(channel)
      }
      catch (error) {
        remove()
        throw error
      }
      return async () => {
        remove()
        // While away there is nothing to end: only channels with listeners are taken up again.
        if (!listeners.has(channel) && client.status === 'ready') await client.unsubscribe(channel).catch(note)
      }
    },
    close(): void {
      clearInterval(heartbeat)
      listeners.clear()
      client.disconnect()
    },
  }
}
