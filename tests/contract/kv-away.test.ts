import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Kv } from '#server/kv/kv'
import { openKv } from '#server/kv/open'
import { openRedisKv } from '#server/kv/redis'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { freePort } from '../helpers/ports'
import { poll } from '../helpers/until'
import { redisServer, startRedisServer } from './kv-redis-server'
import type { RedisServer } from './kv-redis-server'

interface Line { level: string, msg: string }

function capture() {
  const lines: Line[] = []
  const text: string[] = []
  const logger = createLogger({
    level: 'info',
    destination: {
      write(line) {
        text.push(line)
        lines.push(JSON.parse(line) as Line)
      },
    },
  })
  return { logger, lines, text, warnings: () => lines.filter(line => line.level === 'warn') }
}

async function untilUp(kv: Kv): Promise<void> {
  await poll(() => kv.ping().then(() => true, () => undefined), 'Redis to be back')
}

async function untilDown(kv: Kv): Promise<void> {
  await poll(() => kv.ping().then(() => undefined, () => true), 'Redis to be away')
}

const servers: RedisServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()))
})

async function start(port: number, ...options: string[]): Promise<RedisServer> {
  const server = await startRedisServer(port, ...options)
  servers.push(server)
  return server
}

describe.skipIf(!redisServer)('kv while Redis is away', () => {
  let port: number
  let server: RedisServer
  let log: ReturnType<typeof capture>
  let kv: Kv
  beforeEach(async () => {
    port = await freePort()
    server = await start(port)
    log = capture()
    kv = await openRedisKv({ url: server.url, logger: log.logger })
  })
  afterEach(() => kv.close())

  it('every command rejects at once instead of queueing, and none is carried out later', async () => {
    const lease = await kv.acquire('s', 1, 60_000)
    await server.stop()
    await untilDown(kv)
    const attempts = [
      kv.get('k'), kv.set('k', 'v'), kv.setIfAbsent('k', 'v', 1000), kv.delete('k'), kv.setIfEqual('k', 'v', 'w', 1000), kv.deleteIfEqual('k', 'v'), kv.incrBy('n', 1, 1000), kv.hit('h', 1, 1000),
      kv.acquire('s', 1, 1000), kv.renew(lease ?? { name: '', token: '' }, 1000), kv.release(lease ?? { name: '', token: '' }),
      kv.held('s'), kv.publish('c', 'm'), kv.subscribe('c', () => undefined), kv.ping(),
    ]
    // Settled before the event loop turns: none waits for a time limit or for the next try to connect.
    const states = attempts.map(() => 'waiting')
    attempts.forEach((attempt, i) => attempt.then(() => states[i] = 'done', () => states[i] = 'rejected'))
    await new Promise(setImmediate)
    expect(states).toEqual(attempts.map(() => 'rejected'))
    await start(port)
    await untilUp(kv)
    expect(await kv.get('k')).toBeNull()
    expect(await kv.get('n')).toBeNull()
  })

  it('comes back after a restart on the same port: scripts, places and subscriptions', async () => {
    const heard: string[] = []
    await kv.subscribe('c', message => heard.push(message))
    const end = await kv.subscribe('ended', message => heard.push(message))
    expect(await kv.incrBy('n', 1, 60_000)).toBe(1)
    await server.stop()
    await untilDown(kv)
    await end()
    await start(port)
    await untilUp(kv)
    expect(await kv.incrBy('n', 5, 60_000)).toBe(5)
    expect(await kv.acquire('s', 1, 60_000)).not.toBeNull()
    expect(await kv.hit('h', 1, 60_000)).toMatchObject({ allowed: true })
    await poll(async () => {
      await kv.publish('ended', 'nobody listens')
      await kv.publish('c', 'again')
      return heard.length || undefined
    }, 'a message after the restart')
    expect(new Set(heard)).toEqual(new Set(['again']))
  })

  it('logs one warning for each outage, one line when it is over, and no password', async () => {
    for (let outage = 1; outage <= 2; outage++) {
      await server.stop()
      await untilDown(kv)
      await poll(() => log.warnings().length >= outage || undefined, 'a warning')
      server = await start(port)
      await poll(() => log.lines.filter(line => line.msg.includes('is back')).length === outage || undefined, 'the line that it is back')
    }
    expect(log.warnings()).toHaveLength(2)
    expect(log.warnings()[0]?.msg).toContain(`127.0.0.1:${port}`)
  })

  it('a command that was under way when it went does not cut the next connection', async () => {
    server.freeze()
    const lost = kv.get('k').catch((error: unknown) => error)
    const limitOver = Date.now() + 5_500
    await server.stop()
    expect(await lost).toBeInstanceOf(Error)
    server = await start(port)
    await poll(() => Date.now() > limitOver || undefined, 'the time limit of the lost connection to pass')
    await untilUp(kv)
    expect(log.warnings()).toHaveLength(1)
  })

  it('does not hang on a server that stopped answering', async () => {
    server.freeze()
    await expect(kv.get('k')).rejects.toThrow(/timed out/)
    server.thaw()
    await untilUp(kv)
    expect(await kv.get('k')).toBeNull()
  })

  it('closes while it is away, and stays closed', async () => {
    await server.stop()
    await untilDown(kv)
    await kv.close()
    await start(port)
    await expect(kv.ping()).rejects.toThrow()
  })
})

describe.skipIf(!redisServer)('kv that cannot be opened', () => {
  it.each([
    ['no password where one is needed', (port: number) => `redis://127.0.0.1:${port}`],
    ['a wrong password', (port: number) => `redis://:wrong-pw@127.0.0.1:${port}/0`],
    ['a database that is not there', (port: number) => `redis://:right-pw@127.0.0.1:${port}/99`],
  ])('says why and rejects at once: %s', async (_, url) => {
    const port = await freePort()
    await start(port, '--requirepass', 'right-pw')
    const log = capture()
    const error = await openRedisKv({ url: url(port), logger: log.logger }).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(new RegExp(`^RedisError: Redis at 127\\.0\\.0\\.1:${port} cannot be used: (NOAUTH|WRONGPASS|ERR)`))
    expect(`${String(error)}${JSON.stringify(error)}${log.text.join('')}`).not.toContain('-pw')
    expect(log.lines).toEqual([])
  })

  it('takes a right password, database number and address from the URL', async () => {
    const port = await freePort()
    await start(port, '--requirepass', 'p@ss/w:rd')
    const kv = await openRedisKv({ url: `redis://:${encodeURIComponent('p@ss/w:rd')}@127.0.0.1:${port}/3`, logger: capture().logger })
    await kv.set('k', 'v', 1000)
    expect(await kv.get('k')).toBe('v')
    await kv.close()
  })

  it('waits for a server that starts a moment later', async () => {
    const port = await freePort()
    const opening = openRedisKv({ url: `redis://127.0.0.1:${port}`, logger: capture().logger })
    await start(port)
    const kv = await opening
    await kv.ping()
    await kv.close()
  })

  it('gives up on an address where nothing listens', async () => {
    const port = await freePort()
    await expect(openRedisKv({ url: `redis://127.0.0.1:${port}`, logger: capture().logger, startTimeoutMs: 300 })).rejects.toThrow(/cannot be used: .*ECONNREFUSED/)
  })
})

describe.skipIf(!redisServer)('kv with memory behind it while Redis is away', () => {
  it('goes on in this process, frees what was held, and is shared again afterwards', async () => {
    const port = await freePort()
    const server = await start(port)
    const log = capture()
    const kv = await openKv({ redisUrl: server.url, clock: systemClock, logger: log.logger })
    try {
      const before = await kv.acquire('room', 1, 60_000)
      await kv.set('session', 'a', 60_000)
      await server.stop()
      await untilDown(kv)
      expect(await kv.get('session')).toBeNull()
      expect(await kv.setIfAbsent('session', 'b', 60_000)).toBe(true)
      expect(await kv.get('session')).toBe('b')
      expect(await kv.renew(before!, 60_000)).toBe(true)
      const during = await kv.acquire('room', 1, 60_000)
      expect(await kv.acquire('room', 1, 60_000)).toBeNull()
      await kv.release(before!)
      await kv.release(during!)
      const running = await kv.acquire('room', 1, 60_000)
      expect(running).not.toBeNull()
      expect(log.warnings()).toHaveLength(1)
      let returned = 0
      kv.onReturn(() => returned++)
      await start(port)
      await untilUp(kv)
      expect(returned).toBe(1)
      // A place of this process alone would hold nobody back elsewhere: its holder is told to take one anew.
      expect(await kv.renew(running!, 60_000)).toBe(false)
      await kv.set('shared', 'again', 60_000)
      const other = await openRedisKv({ url: server.url, logger: log.logger })
      expect(await other.get('shared')).toBe('again')
      await other.close()
    }
    finally {
      await kv.close()
    }
  })
})
