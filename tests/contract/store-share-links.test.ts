import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { newId } from '#server/lib/id'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const now = 1_700_000_000_000

describe.each(testDialects)('links to keys on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  const add = async (keyId: string) => {
    const id = newId()
    await repos.shareLinks.insert({ id, keyId, name: 'für das Team 🚀', tokenHash: id.padEnd(64, '0'), scope: 'stats', createdBy: 'u', createdAt: now, expiresAt: null, revokedAt: null, lastUsedAt: null })
    return id
  }

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test?.drop())

  it('are found by their hash and listed by their key, the oldest first', async () => {
    const [one, two, other] = [await add('k1'), await add('k1'), await add('k2')]
    expect((await repos.shareLinks.findByHash(one.padEnd(64, '0')))).toMatchObject({ id: one, keyId: 'k1', name: 'für das Team 🚀', scope: 'stats', createdAt: now })
    expect(await repos.shareLinks.findByHash(one.toUpperCase().padEnd(64, '1'))).toBeNull()
    expect((await repos.shareLinks.ofKey('k1')).map(({ id }) => id)).toEqual([one, two])
    expect(await repos.shareLinks.countOfKey('k1')).toBe(2)
    expect(await repos.shareLinks.countOfKey('none')).toBe(0)
    await expect(repos.shareLinks.insert({ id: newId(), keyId: 'k3', name: '', tokenHash: other.padEnd(64, '0'), scope: 'stats', createdBy: 'u', createdAt: now, expiresAt: null, revokedAt: null, lastUsedAt: null })).rejects.toThrow()
  })

  it('are gone once they are revoked; their last use is noted', async () => {
    const [one, two] = [await add('k4'), await add('k4')]
    await repos.shareLinks.touch(two, now + 5)
    await repos.shareLinks.revoke(one, now)
    expect(await repos.shareLinks.get(one)).toBeNull()
    expect(await repos.shareLinks.findByHash(one.padEnd(64, '0'))).toBeNull()
    expect(await repos.shareLinks.countOfKey('k4')).toBe(1)
    expect(await repos.shareLinks.ofKey('k4')).toMatchObject([{ id: two, lastUsedAt: now + 5 }])
  })
})
