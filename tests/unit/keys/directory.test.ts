import { describe, expect, it } from 'vitest'
import type { Repos } from '#server/db/repos/index'
import { authenticate, keyOf } from '#server/keys/authenticate'
import { createKeyDirectory } from '#server/keys/directory'
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
  const clock = { time: 0, now: () => clock.time }
  const changes = createChanges()
  const directory = createKeyDirectory({ repos, changes, clock, logger: createLogger({ level: 'silent' }) })
  await directory.load()
  return { rows, directory, clock, changes, lookups: () => lookups }
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

  it('caps the look-ups of one guessing address without hurting another', async () => {
    const { directory, rows, lookups } = await setUp()
    for (let i = 0; i < 1000; i++) await directory.find(sha256Hex(`guess-${i}`), 'bad')
    expect(lookups()).toBe(20)
    rows.set('k2', row('k2', 'sk-new'))
    expect(await directory.find(sha256Hex('sk-new'), 'good')).toMatchObject({ key: { id: 'k2' } })
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
    rows.set('k1', row('k1', 'sk-known', { models: '{broken' }))
    await changes.emit('key', 'k1')
    expect(await directory.find(sha256Hex('sk-known'), 'ip')).toBeNull()
  })

  it('treats a deleted owner as disabled', async () => {
    const { directory, rows, changes } = await setUp()
    rows.set('k1', row('k1', 'sk-known', { ownerId: 'gone' }))
    await changes.emit('key', 'k1')
    expect(await directory.find(sha256Hex('sk-known'), 'ip')).toMatchObject({ owner: { enabled: false } })
  })
})
