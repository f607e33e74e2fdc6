import { describe, expect, it } from 'vitest'
import { createMemoryKv } from '#server/kv/memory'
import { openKv } from '#server/kv/open'
import { openRedisKv } from '#server/kv/redis'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { Redis } from 'ioredis'
import { poll } from '../helpers/until'
import { describeKv } from './kv'
import { redisUrl } from './kv-redis-server'

const logger = createLogger({ level: 'silent' })

let now = 1_764_000_000_000
describeKv(
  'memory',
  async () => createMemoryKv({ clock: { now: () => now }, logger }),
  async (ms) => {
    now += ms
  },
)

describe.skipIf(!redisUrl)('with a server', () => {
  const url = redisUrl ?? ''

  /** Waits until the server's own clock has moved on. */
  async function serverTimePasses(ms: number): Promise<void> {
    const client = new Redis(url)
    const time = async () => {
      const [seconds, microseconds] = await client.time()
      return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
    }
    const end = await time() + ms
    await poll(async () => await time() >= end || undefined, `${ms} ms on the server's clock`)
    await client.quit()
  }

  describeKv('redis', () => openRedisKv({ url, logger }), serverTimePasses)
  describeKv('redis with memory behind it', () => openKv({ redisUrl: url, clock: systemClock, logger }), serverTimePasses)

  it('is shared by several instances: values, places and messages', async () => {
    const [a, b] = await Promise.all([openRedisKv({ url, logger }), openRedisKv({ url, logger })])
    const key = `test:shared:${process.pid}:${Date.now()}`
    await a.set(key, 'from a', 60_000)
    expect(await b.get(key)).toBe('from a')
    const leases = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? a : b).acquire(key, 5, 60_000)))
    expect(leases.filter(Boolean)).toHaveLength(5)
    const heard: string[] = []
    await b.subscribe(key, message => heard.push(message))
    await a.publish(key, 'hello')
    await poll(() => heard.length || undefined, 'the message')
    await Promise.all([a.close(), b.close()])
    await expect(a.get(key)).rejects.toThrow()
  })

  it('leaves nothing behind without an end, and nothing outside its prefix', async () => {
    const kv = await openRedisKv({ url, logger })
    const key = `test:ends:${process.pid}:${Date.now()}`
    await kv.setIfAbsent(key, 'x', 60_000)
    await kv.incrBy(`${key}:n`, 1, 60_000)
    await kv.hit(key, 3, 60_000)
    const lease = await kv.acquire(key, 3, 60_000)
    if (lease) await kv.renew(lease, 90_000)
    const client = new Redis(url)
    const names = await client.keys(`*${key}*`)
    expect(names.sort()).toEqual([`ccr:semaphore:${key}`, `ccr:value:${key}`, `ccr:value:${key}:n`, `ccr:window:${key}`])
    for (const name of names) expect(await client.pttl(name)).toBeGreaterThan(50_000)
    await client.quit()
    await kv.close()
  })

  it('is what openKv gives when there is an address', async () => {
    const kv = await openKv({ redisUrl: url, clock: systemClock, logger })
    expect(kv.kind).toBe('redis')
    await kv.close()
  })
})

it('is memory that openKv gives when there is no address', async () => {
  const kv = await openKv({ redisUrl: null, clock: systemClock, logger })
  expect(kv.kind).toBe('memory')
  await kv.close()
})
