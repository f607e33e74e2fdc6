import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startRedisServer, type RedisServer } from '../contract/kv-redis-server'
import { holding, startInstances, type Instances } from '../helpers/instances'
import { startLoad } from '../helpers/load'
import { freePort } from '../helpers/ports'
import { describeWith } from '../helpers/services'
import { readStream } from '../helpers/sse'
import { poll } from '../helpers/until'
import { ok } from '../helpers/upstream/behaviours'
import { gate } from '../helpers/upstream/paced'

// Redis is a helper, not a condition: without it each process goes on by itself.

const CLIENTS = 15
const CAP = 2

describeWith(['mysql', 'redis programs'], 'Redis stops and comes back under two instances', () => {
  let redis: RedisServer
  let port: number
  let both: Instances
  beforeEach(async () => {
    port = await freePort()
    redis = await startRedisServer(port)
    both = await startInstances({ upstreams: 2, env: { REDIS_URL: redis.url, QUEUE_TIMEOUT_MS: '20000' }, account: { maxConcurrency: 1000, priority: 1 } })
  })
  afterEach(async () => {
    await both.close()
    await redis.stop()
  })

  const every = async (told: (instance: Instances['servers'][number]) => boolean, what: string) => {
    await poll(() => both.servers.every(told) || undefined, what, 30_000)
  }
  const linesWith = (text: string) => (server: Instances['servers'][number]) => server.logs().split(text).length - 1
  const isAway = linesWith('is away')
  const isBack = linesWith('is back')

  async function stopRedis(): Promise<void> {
    await redis.stop()
    await every(server => isAway(server) > isBack(server), 'both to know that Redis is away')
  }
  async function startRedis(): Promise<void> {
    redis = await startRedisServer(port)
    await every(server => isAway(server) === isBack(server), 'both to know that Redis is back')
  }

  it('no request fails for it', { timeout: 120_000 }, async ({ annotate }) => {
    const loads = both.servers.map(server => startLoad(server.relay, both.key.key, CLIENTS))
    const more = async (count: number) => {
      const goals = loads.map(load => load.seen.length + count)
      await poll(() => loads.every((load, i) => load.seen.length >= goals[i]!) || undefined, `${count} more answers of each`, 60_000)
    }
    await more(50)
    await stopRedis()
    await more(100)
    await startRedis()
    await more(100)
    const seen = (await Promise.all(loads.map(load => load.stop()))).flat()
    expect(seen.filter(one => !one.complete)).toEqual([])
    const rows = await poll(async () => {
      const found = await both.api.listLogs()
      return found.length >= seen.length ? found : undefined
    }, 'all rows to be booked', 30_000)
    expect(new Set(rows.map(row => row.sessionId)).size).toBe(seen.length)
    expect(rows.length).toBe(seen.length)
    for (const server of both.servers) expect([isAway(server), isBack(server)]).toEqual([1, 1])
    await annotate(`${seen.length} requests`)
  })

  /** How many of two times as many requests as the cap, sent to each instance, reach the only account at once. */
  async function atOnce(expected: number): Promise<void> {
    const [upstream] = both.upstreams
    const from = upstream!.requests.length
    const wait = gate()
    let now = 0
    let most = 0
    upstream!.script(() => async (exchange) => {
      most = Math.max(most, ++now)
      await wait.opened
      now--
      await ok()(exchange)
    })
    const streams = Array.from({ length: CAP * 4 }, (_, i) => readStream(both.ask(i % 2)))
    await upstream!.until(() => upstream!.requests.length === from + expected, `${expected} requests at once`)
    wait.open()
    expect((await Promise.all(streams)).map(stream => stream.complete())).toEqual(Array(CAP * 4).fill(true))
    expect(most).toBe(expected)
  }

  /** Turns of one session at the instances of these numbers; gives how many turns each account had. */
  async function turns(instances: number[]): Promise<number[]> {
    const session = randomUUID()
    for (const instance of instances) expect((await readStream(both.ask(instance, {}, { 'x-claude-code-session-id': session }))).complete()).toBe(true)
    return both.upstreams.map(({ requests }) => requests.filter(request => request.headers['x-claude-code-session-id'] === session).length)
  }
  const sessionsStay = async (instances: number[]) => {
    for (let i = 0; i < 4; i++) expect((await turns(instances)).sort()).toEqual([0, instances.length])
  }

  const patch = (index: number, change: Record<string, unknown>) => both.api.ok('PATCH', `/api/accounts/${both.accounts[index]!.id}`, change)

  /** The first account with that cap is all that is left, and both instances know. */
  async function onlyFirst(maxConcurrency: number): Promise<void> {
    await patch(0, { maxConcurrency })
    await patch(1, { enabled: false })
    // The other instance polls what Redis does not tell it.
    await poll(async () => {
      const seen = both.upstreams[1]!.requests.length
      for (let i = 0; i < 6; i++) await readStream(both.ask(1))
      return both.upstreams[1]!.requests.length === seen || undefined
    }, 'the second instance to know')
  }

  it('who waited goes on in the outage, and all that runs is counted again after it', { timeout: 120_000 }, async () => {
    const [upstream] = both.upstreams
    const { id } = both.accounts[0]!
    /** Places that Redis knows of; the semaphore of a cap that nobody uses is not there. */
    const places = async () => {
      const client = new Redis(redis.url)
      const count = await client.zcard(`ccr:semaphore:room:${id}`)
      await client.quit()
      return count
    }
    await onlyFirst(CAP)
    const from = upstream!.requests.length
    const hold = holding()
    upstream!.script(() => async (exchange) => {
      await hold.enter(exchange.gone)
      await ok()(exchange)
    })
    const arrived = (count: number, what: string) => upstream!.until(() => upstream!.requests.length === from + count, what)
    const streams = Array.from({ length: CAP }, () => readStream(both.ask(0)))
    await arrived(CAP, 'the cap to be reached')
    expect(await places()).toBe(CAP)
    streams.push(readStream(both.ask(1)))
    await stopRedis()
    await arrived(CAP + 1, 'the waiting one to take a place of its own process')
    await startRedis()
    await poll(async () => await places() === CAP + 1 || undefined, 'Redis to know of all that runs')
    streams.push(...Array.from({ length: 4 }, (_, i) => readStream(both.ask(i % 2))))
    // Above the cap since the outage: the first that ends makes no place.
    hold.next()
    await poll(async () => await places() === CAP || undefined, 'one to end')
    expect(upstream!.requests.length).toBe(from + CAP + 1)
    let isOver = false
    const all = Promise.all(streams).finally(() => isOver = true)
    await poll(() => {
      hold.next()
      return isOver || undefined
    }, 'all to have had their turn', 30_000)
    expect((await all).map(stream => stream.complete())).toEqual(streams.map(() => true))
    expect(hold.most()).toBe(CAP + 1)
    await poll(async () => await places() === 0 || undefined, 'all places to be given back')
  })

  it('sessions and caps are shared, then per process, then shared again', { timeout: 120_000 }, async () => {
    const round = async (sessionInstances: number[], places: number) => {
      await sessionsStay(sessionInstances)
      await onlyFirst(CAP)
      await atOnce(places)
      both.upstreams[0]!.script(() => ok())
      await patch(1, { enabled: true })
    }
    await round([0, 1, 0, 1], CAP)
    await stopRedis()
    await round([0, 0, 0], CAP * 2)
    await startRedis()
    await round([1, 0, 1, 0], CAP)
  })
})
