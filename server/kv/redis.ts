import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { newId } from '../lib/id'
import type { Logger } from '../lib/logger'
import type { Kv } from './kv'
import { createOutageLog } from './redis-outage'
import { createRedisClaims } from './redis-claims'
import { withScripts } from './redis-scripts'
import { createSubscriber } from './redis-subscriber'

const prefix = 'ccr:'
const maxBackOffMs = 2_000

/** A command fails at once while Redis is away, and is never sent twice: a second incrBy would count twice. */
const connection: RedisOptions = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 3_000,
  commandTimeout: 2_000,
  socketTimeout: 5_000,
  keepAlive: 10_000,
  retryStrategy: times => Math.min(50 * 2 ** Math.min(times, 10), maxBackOffMs),
  // After a failover the old primary answers READONLY until the name leads elsewhere.
  reconnectOnError: error => error.message.startsWith('READONLY'),
}

/** Redis could not be used at the start; the message names host and port, never the password. */
export class RedisError extends Error {
  override name = 'RedisError'
}

/**
 * Opens `redis://…` or `rediss://…`. Waits `startTimeoutMs` (ten seconds) for the server, then throws {@link RedisError}.
 * Once open, lost connections come back by themselves and commands reject meanwhile.
 */
export async function openRedisKv(options: { url: string, logger: Logger, startTimeoutMs?: number }): Promise<Kv> {
  const { url, logger, startTimeoutMs = 10_000 } = options
  const { hostname, port } = new URL(url)
  const where = `${hostname}:${port || 6379}`
  const outage = createOutageLog(logger, where)
  const client = withScripts(new Redis(url, connection))
  const subscriber = new Redis(url, connection)
  for (const each of [client, subscriber]) keepSilenceToConnection(each)
  const subscriptions = createSubscriber(subscriber, logger)
  const close = async () => {
    outage.closing()
    subscriptions.close()
    await end(client)
  }
  outage.watch(client)
  outage.watch(subscriber)
  try {
    await Promise.all([client, subscriber].map(each => untilReady(each, where, startTimeoutMs)))
  }
  catch (error) {
    await close()
    throw error
  }
  const owner = newId()
  let leases = 0
  const value = (key: string) => `${prefix}value:${key}`
  const window = (key: string) => `${prefix}window:${key}`
  const semaphore = (name: string) => `${prefix}semaphore:${name}`
  const topic = (channel: string) => `${prefix}${channel}`

  return {
    kind: 'redis',
    claims: createRedisClaims(client, prefix),
    get: key => client.get(value(key)),
    async set(key, text, ttlMs) {
      if (ttlMs === undefined) await client.set(value(key), text)
      else await client.set(value(key), text, 'PX', ttlMs)
    },
    setIfAbsent: async (key, text, ttlMs) => await client.set(value(key), text, 'PX', ttlMs, 'NX') === 'OK',
    setIfEqual: async (key, expected, text, ttlMs) => await client.relaySetIfEqual(value(key), expected, text, ttlMs) === 1,
    deleteIfEqual: async (key, expected) => await client.relayDeleteIfEqual(value(key), expected) === 1,
    async delete(key) {
      await client.del(value(key), window(key))
    },
    incrBy: (key, by, ttlMs) => client.relayIncrBy(value(key), by, ttlMs ?? ''),
    async hit(key, max, windowMs) {
      const [allowed, count, retryAfterMs] = await client.relayHit(window(key), max, windowMs)
      return { allowed: allowed === 1, count, retryAfterMs }
    },
    async acquire(name, slots, ttlMs) {
      const token = `${owner}-${++leases}`
      return await client.relayAcquire(semaphore(name), slots, token, ttlMs) === 1 ? { name, token } : null
    },
    renew: async ({ name, token }, ttlMs) => await client.relayRenew(semaphore(name), token, ttlMs) === 1,
    async release({ name, token }) {
      await client.zrem(semaphore(name), token)
    },
    held: name => client.relayHeld(semaphore(name)),
    async publish(channel, message) {
      await client.publish(topic(channel), message)
    },
    subscribe: (channel, listener) => subscriptions.subscribe(topic(channel), listener),
    // The first `ready` is past.
    onReturn: listener => void client.on('ready', listener),
    async ping() {
      await client.ping()
    },
    close,
  }
}

/** A wrong password or database number does not mend itself, so it is told at once. */
function untilReady(client: Redis, where: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let latest: Error | undefined
    const fail = () => finish(() => reject(new RedisError(`Redis at ${where} cannot be used: ${reasonOf(latest)}`)))
    const succeed = () => finish(resolve)
    const look = (error: Error) => {
      latest = error
      if (/^(WRONGPASS|NOAUTH|NOPERM|ERR) /.test(error.message)) fail()
    }
    const timer = setTimeout(fail, timeoutMs)
    const finish = (settle: () => void) => {
      clearTimeout(timer)
      client.off('ready', succeed).off('error', look)
      settle()
    }
    client.on('ready', succeed).on('error', look)
  })
}

/** Some network errors (several addresses tried) have a code and no message. */
function reasonOf(error: (Error & { code?: unknown }) | undefined): string {
  return error?.message || String(error?.code ?? 'it does not answer')
}

/**
 * ioredis leaves the `socketTimeout` of a lost connection running when a command was under way, and would cut the next,
 * healthy one with it.
 */
function keepSilenceToConnection(client: Redis): void {
  const timed = client as unknown as { socketTimeoutTimer?: NodeJS.Timeout }
  client.on('close', () => {
    clearTimeout(timed.socketTimeoutTimer)
    timed.socketTimeoutTimer = undefined
  })
}

async function end(client: Redis): Promise<void> {
  if (client.status === 'ready') await client.quit().catch(() => client.disconnect())
  else client.disconnect()
}
