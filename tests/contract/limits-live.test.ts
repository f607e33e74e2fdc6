import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { randomBytes } from 'node:crypto'
import type { KeyWithSecret } from '#shared/types/api'
import { spansOf } from '#shared/utils/period'
import { startBooted, type Booted } from '../helpers/booted'
import { freePort } from '../helpers/ports'
import { createDatabase, describeWith, type TestDatabase } from '../helpers/services'
import { poll } from '../helpers/until'
import { startUpstream, type Upstream } from '../helpers/upstream'
import { after, ok } from '../helpers/upstream/behaviours'
import { gate } from '../helpers/upstream/paced'
import { startRedisServer, type RedisServer } from './kv-redis-server'

// The limits of keys over the whole relay: one instance on SQLite, two over MySQL and Redis.

let upstream: Upstream
beforeEach(async () => {
  upstream = await startUpstream()
  upstream.script(() => ok())
})
afterEach(() => upstream.close())

const spansNow = (booted: Booted) => spansOf(Date.now(), booted.runtime.config.timeZone)
const spent = async (booted: Booted, key: KeyWithSecret): Promise<number | null> => {
  const read = await booted.runtime.kv.claims.read(`${booted.runtime.config.timeZone}:key:${key.id}`, spansNow(booted))
  return 'ticket' in read ? null : read.total
}
const patch = (booted: Booted, key: KeyWithSecret, change: Record<string, unknown>) => booted.runtime.services.keys.update(booted.admin, key.id, change)
const details = (answer: { json<T>(): T }) => answer.json<{ error: { details: Record<string, unknown> } }>().error.details

/** Nano-USD of one request, told by a first one with this key. */
async function priceOf(booted: Booted, key: KeyWithSecret): Promise<number> {
  expect((await booted.ask(key)).status).toBe(200)
  await booted.runtime.ledger.drain()
  const { sums } = await booted.runtime.repos.spend.booked('key', key.id, spansNow(booted))
  expect(sums.total).toBeGreaterThan(0)
  return sums.total
}

/** So many at once, held at the upstream until those that got in are there. */
async function atOnce(count: number, expected: number, ask: (i: number) => ReturnType<Booted['ask']>): Promise<number[]> {
  const wait = gate()
  const from = upstream.requests.length
  upstream.script(() => after(wait.opened, ok()))
  const all = Array.from({ length: count }, (_, i) => ask(i))
  await upstream.until(() => upstream.requests.length >= from + expected, `${expected} at the upstream`)
  wait.open()
  return (await Promise.all(all)).map(answer => answer.status)
}

const countOf = (statuses: number[]) => Object.fromEntries([...new Set(statuses)].sort().map(status => [status, statuses.filter(one => one === status).length]))

describe('one instance', () => {
  let booted: Booted
  beforeEach(async () => {
    booted = await startBooted({ TZ: 'Asia/Kolkata' })
    await booted.addAccount({ baseUrl: upstream.url })
  })
  afterEach(() => booted.stop())

  it('200 at once with room for five: five get in, and what they cost is what is counted', async () => {
    const key = await booted.addKey({ limits: { totalUsd: 100 } })
    const price = await priceOf(booted, key)
    await patch(booted, key, { limits: { dailyUsd: String(price * 6 / 1e9) } })
    expect(countOf(await atOnce(200, 5, () => booted.ask(key)))).toEqual({ 200: 5, 402: 195 })
    expect(await spent(booted, key)).toBe(6 * price)
    const refused = await booted.ask(key)
    expect(details(refused)).toMatchObject({ error_code: 'cost_limit', which: 'daily', resets_at: expect.stringMatching(/T18:30:00\.000Z$/) as string })
  })

  it('one after the other: the next request is let in as soon as the answer before has ended', async () => {
    const key = await booted.addKey({ limits: { concurrency: 1, dailyUsd: 100 } })
    for (let i = 0; i < 20; i++) expect((await booted.ask(key, { stream: i % 2 === 0 })).status).toBe(200)
  })

  it('a key without counted limits makes no trip to the kv', async () => {
    const key = await booted.addKey()
    await priceOf(booted, key)
    expect(await spent(booted, key)).toBeNull()
  })

  it('counting tokens takes nothing of the limits', async () => {
    const key = await booted.addKey({ limits: { requestsPerMinute: 1 } })
    for (let i = 0; i < 3; i++) expect((await booted.ask(key, {}, '/count_tokens')).status).toBe(200)
    expect((await booted.ask(key)).status).toBe(200)
    expect((await booted.ask(key)).status).toBe(429)
    expect((await booted.ask(key, {}, '/count_tokens')).status).toBe(200)
  })
})

describeWith(['mysql', 'redis programs'], 'two instances over MySQL and Redis', () => {
  let database: TestDatabase
  let redis: RedisServer
  let port: number
  let both: Booted[]
  const start = () => startBooted({ DATABASE_URL: database.url, REDIS_URL: redis.url, RELAY_SECRET_KEY: secret })
  let secret: string
  beforeEach(async () => {
    secret = randomBytes(32).toString('hex')
    port = await freePort()
    redis = await startRedisServer(port)
    database = await createDatabase()
    both = [await start(), await start()]
    await both[0]!.addAccount({ baseUrl: upstream.url })
  })
  afterEach(async () => {
    await Promise.all(both.map(booted => booted.stop()))
    await redis.stop()
    await database.drop()
  })

  /** A key that both know. */
  async function keyOfBoth(limits: Record<string, unknown>): Promise<KeyWithSecret> {
    const key = await both[0]!.addKey({ limits })
    await poll(async () => (await both[1]!.ask(key)).status === 200 || undefined, 'the other instance to know key and account')
    return key
  }

  it('200 at both at once with room for five: five get in', async () => {
    const key = await keyOfBoth({ totalUsd: 100 })
    for (const booted of both) await booted.ask(key)
    await Promise.all(both.map(booted => booted.runtime.ledger.drain()))
    const { sums } = await both[0]!.runtime.repos.spend.booked('key', key.id, spansNow(both[0]!))
    const requests = upstream.requests.length
    const price = sums.total / requests
    await patch(both[0]!, key, { limits: { dailyUsd: String((requests + 5) * price / 1e9) } })
    await poll(async () => (await both[1]!.runtime.keys.find((await both[1]!.runtime.repos.apiKeys.get(key.id))!.hash, ''))!.key.limits.dailyNano !== undefined || undefined, 'the change to arrive')
    expect(countOf(await atOnce(200, 5, i => both[i % 2]!.ask(key)))).toEqual({ 200: 5, 402: 195 })
  })

  it('restarted in turn under load: the counter neither jumps nor falls', { timeout: 120_000 }, async () => {
    const key = await keyOfBoth({ totalUsd: 100 })
    const price = await priceOf(both[0]!, await both[0]!.addKey())
    const seen: number[] = []
    let stopped = false
    let served = 0
    const client = async (at: number): Promise<void> => {
      while (!stopped) {
        const status = await both[at % 2]!.ask(key).then(answer => answer.status, () => 0)
        if (status === 200) served++
        const total = await spent(both[(at + 1) % 2]!, key).catch(() => null)
        if (total !== null) seen.push(total)
        at++
      }
    }
    const clients = Array.from({ length: 4 }, (_, i) => client(i))
    for (let round = 0; round < 4; round++) {
      const goal = served + 20
      await poll(() => served >= goal || undefined, 'more answers', 60_000)
      const old = both[round % 2]!
      both[round % 2] = await start()
      await old.stop()
    }
    stopped = true
    await Promise.all(clients)
    await Promise.all(both.map(booted => booted.runtime.ledger.drain()))
    const { sums } = await both[0]!.runtime.repos.spend.booked('key', key.id, spansNow(both[0]!))
    await poll(async () => await spent(both[0]!, key) === sums.total || undefined, `the counter to be ${sums.total}`)
    // Every reading is a whole number of requests, and none is more than the books hold.
    expect(seen.filter(total => total % price !== 0 || total > sums.total)).toEqual([])
    // Readings of parallel clients may overtake each other by what runs at once, never by a drain.
    let most = 0
    for (const total of seen) {
      expect(total).toBeGreaterThanOrEqual(most - 8 * price)
      most = Math.max(most, total)
    }
  })

  it('Redis restarted empty, and away for a while: the limit does not open again', { timeout: 90_000 }, async () => {
    const key = await keyOfBoth({ totalUsd: 100 })
    for (const booted of [...both, ...both]) expect((await booted.ask(key)).status).toBe(200)
    await redis.stop()
    await poll(() => both[0]!.runtime.kv.ping().then(() => undefined, () => true), 'Redis to be away')
    for (const booted of [...both, ...both]) expect((await booted.ask(key)).status).toBe(200)
    redis = await startRedisServer(port)
    await poll(async () => (await Promise.all(both.map(booted => booted.runtime.kv.ping().then(() => true, () => false)))).every(Boolean) || undefined, 'Redis to be back')
    await Promise.all(both.map(booted => booted.runtime.ledger.drain()))
    const { sums } = await both[0]!.runtime.repos.spend.booked('key', key.id, spansNow(both[0]!))
    expect((await both[1]!.ask(key)).status).toBe(200)
    const price = sums.total / (upstream.requests.length - 1)
    await poll(async () => await spent(both[0]!, key) === sums.total + price || undefined, 'the counter to be whole again')
  })
})
