import { describe, expect, it } from 'vitest'
import type { Repos } from '#server/db/repos/index'
import { authenticate, keyOf } from '#server/keys/authenticate'
import { createKeyDirectory } from '#server/keys/directory'
import type { RelayError } from '#server/relay/errors'
import { admit } from '#server/limits/index'
import { createChanges } from '#server/lib/changes'
import { sha256Hex } from '#server/lib/hash'
import { createLogger } from '#server/lib/logger'

const row = (id: string, key: string, over: object = {}) => ({
  id, ownerId: 'u1', groupId: null, name: id, hash: sha256Hex(key), prefix: 'sk-', lastFour: 'last', sealedKey: null, enabled: true,
  expiresAt: null, expiresInDays: null, firstUsedAt: null, lastUsedAt: null, models: '[]', ipAllow: '[]', clients: '[]', limits: '{}', createdAt: 0, updatedAt: 0, deletedAt: null, ...over,
})

async function setUp() {
  const rows = new Map([['k1', row('k1', 'sk-known')]])
  let lookups = 0
  const owner = { id: 'u1', username: 'ann', role: 'user', enabled: true, sharedPool: true, locale: null }
  const repos = {
    users: { all: async () => [owner], get: async () => owner },
    groups: { all: async () => [], get: async () => null },
    apiKeys: {
      all: async () => [...rows.values()],
      get: async (id: string) => rows.get(id) ?? null,
      async findByHash(hash: string) {
        lookups++
        return [...rows.values()].find(one => one.hash === hash) ?? null
      },
    },
  } as unknown as Repos
  const limited = new Map<string, boolean>()
  const clock = { time: 0, now: () => clock.time }
  const changes = createChanges()
  const directory = createKeyDirectory({ repos, changes, clock, logger: createLogger({ level: 'silent' }), firstUse: { note: () => {} }, onCostLimit: (id, isLimited) => void limited.set(id, isLimited) })
  await directory.load()
  return { rows, directory, clock, changes, limited, lookups: () => lookups }
}

describe('where a key may stand', () => {
  it.each([
    [{ authorization: 'Bearer sk-a' }, 'sk-a'],
    [{ authorization: 'bearer   sk-a ' }, 'sk-a'],
    [{ 'x-api-key': 'sk-b' }, 'sk-b'],
    [{ 'x-goog-api-key': 'sk-c' }, 'sk-c'],
    [{ 'api-key': 'sk-d' }, 'sk-d'],
    [{ 'authorization': 'Bearer sk-a', 'x-api-key': 'sk-b' }, 'sk-a'],
    [{ 'authorization': 'Basic eDp5', 'x-api-key': 'sk-b' }, 'sk-b'],
    [{ authorization: 'Bearer ' }, null],
    [{}, null],
  ])('%j', (headers, key) => {
    expect(keyOf(headers)).toBe(key)
  })
})

describe('keys in memory', () => {
  it('knows a loaded key without a look-up', async () => {
    const { directory, lookups } = await setUp()
    expect(await authenticate({ authorization: 'Bearer sk-known' }, 'ip', directory)).toMatchObject({ key: { id: 'k1' }, owner: { username: 'ann' }, group: null })
    expect(lookups()).toBe(0)
  })

  it('looks an unknown key up once for parallel requests, and not again for two seconds', async () => {
    const { directory, clock, lookups } = await setUp()
    const unknown = sha256Hex('sk-unknown')
    await Promise.all(Array.from({ length: 50 }, () => directory.find(unknown, 'ip')))
    expect(lookups()).toBe(1)
    clock.time = 1999
    expect(directory.find(unknown, 'ip')).toBeNull()
    clock.time = 2000
    await directory.find(unknown, 'ip')
    expect(lookups()).toBe(2)
  })

  it('caps the look-ups of one guessing address without hurting another, or a known key behind the same', async () => {
    const { directory, rows, lookups, clock } = await setUp()
    const ask = (key: string, ip: string) => authenticate({ 'x-api-key': key }, ip, directory).then(({ key: { id } }) => id, (error: RelayError) => error.code)
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask(`guess-${i}`, 'bad')))
    expect(lookups()).toBe(20)
    expect(answers.at(-1)).toBe('rate_limit')
    rows.set('k2', row('k2', 'sk-new'))
    expect(await ask('sk-new', 'good')).toBe('k2')
    expect(await ask('sk-known', 'bad')).toBe('k1')
    expect(await ask('sk-new', 'bad')).toBe('k2')
    clock.time += 59_999
    expect(await ask('guess', 'bad')).toBe('rate_limit')
    clock.time += 1
    expect(await ask('guess', 'bad')).toBe('key_invalid')
  })

  it('a throttled answer tells how long, and that the client need not try again by itself', async () => {
    const { directory, clock } = await setUp()
    for (let i = 0; i < 20; i++) {
      clock.time += 1000
      await expect(authenticate({ 'x-api-key': 'sk-wrong' }, '2001:db8::1', directory)).rejects.toMatchObject({ code: 'key_invalid' })
    }
    await expect(authenticate({ 'x-api-key': 'sk-wrong' }, '2001:db8::ffff', directory)).rejects.toMatchObject({ code: 'rate_limit', status: 429, options: { retryAfterSeconds: 41, shouldRetry: false } })
    await expect(authenticate({ 'x-api-key': 'sk-wrong' }, '2001:db8:0:1::1', directory)).rejects.toMatchObject({ code: 'key_invalid' })
  })

  it('a key that was made elsewhere and is looked up does not count as a guess', async () => {
    const { directory, rows } = await setUp()
    for (let i = 0; i < 50; i++) rows.set(`n${i}`, row(`n${i}`, `sk-${i}`))
    for (let i = 0; i < 50; i++) expect(await directory.find(sha256Hex(`sk-${i}`), 'office')).toMatchObject({ key: { id: `n${i}` } })
  })

  it('tells of which keys the cost has to be counted', async () => {
    const { rows, changes, limited } = await setUp()
    expect(limited.get('k1')).toBe(false)
    for (const [limits, isLimited] of [['{"dailyNano":1}', true], ['{"concurrency":1}', false], ['{"totalNano":0}', true]] as const) {
      rows.set('k1', row('k1', 'sk-known', { limits }))
      await changes.emit('key', 'k1')
      expect(limited.get('k1')).toBe(isLimited)
    }
    rows.delete('k1')
    await changes.emit('key', 'k1')
    expect(limited.get('k1')).toBe(false)
  })

  it('takes a change in before the change is done', async () => {
    const { directory, rows, changes } = await setUp()
    rows.set('k1', row('k1', 'sk-rotated'))
    await changes.emit('key', 'k1')
    expect(await directory.find(sha256Hex('sk-known'), 'ip')).toBeNull()
    expect(await directory.find(sha256Hex('sk-rotated'), 'ip')).toMatchObject({ key: { id: 'k1' } })
    rows.delete('k1')
    await changes.emit('key', 'k1')
    expect(await directory.find(sha256Hex('sk-rotated'), 'ip')).toBeNull()
  })

  it('refuses a key whose settings cannot be read, instead of dropping its restrictions', async () => {
    const { directory, rows, changes } = await setUp()
    for (const bad of [{ models: '{broken' }, { ipAllow: '{}' }, { ipAllow: '["nowhere"]' }, { limits: '[]' }, { limits: '{"dailyNano":"5"}' }, { limits: '{"concurrency":0}' }]) {
      rows.set('k1', row('k1', 'sk-known', bad))
      await changes.emit('key', 'k1')
      const principal = await directory.find(sha256Hex('sk-known'), 'ip')
      expect(principal!.key.broken).toBeTruthy()
      expect(() => admit('key', { principal: principal!, model: null, ip: '', userAgent: undefined, now: 0 })).toThrow(/cannot be read/)
    }
    rows.set('k1', row('k1', 'sk-known'))
    await changes.emit('key', 'k1')
    expect((await directory.find(sha256Hex('sk-known'), 'ip'))!.key.broken).toBeUndefined()
  })

  it('treats a deleted owner as disabled', async () => {
    const { directory, rows, changes } = await setUp()
    rows.set('k1', row('k1', 'sk-known', { ownerId: 'gone' }))
    await changes.emit('key', 'k1')
    expect(await directory.find(sha256Hex('sk-known'), 'ip')).toMatchObject({ owner: { enabled: false } })
  })
})
