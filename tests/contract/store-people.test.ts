import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { newId } from '#server/lib/id'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const now = 1_700_000_000_000
const user = (username: string, given: Record<string, unknown> = {}) => ({ id: newId(), username, usernameKey: username, passwordHash: 'x', role: 'user' as 'user' | 'admin', createdAt: now, updatedAt: now, ...given })

describe.each(testDialects)('people on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  const add = async (username: string, given: Record<string, unknown> = {}) => {
    const row = user(username, given)
    expect(await repos.users.insert(row)).toBe(true)
    return row.id
  }
  const group = async (ownerId: string) => {
    const id = newId()
    await repos.groups.insert({ id, ownerId, name: 'g', createdAt: now, updatedAt: now })
    return id
  }
  const account = async (ownerId: string, groupId: string | null) => {
    const id = newId()
    await repos.accounts.insert({ id, ownerId, groupId, name: 'a', platform: 'claude_console', credentials: 'sealed', options: '{}', models: '[]', modelMap: '{}', modelLimits: '{}', windows: '{}', stateSince: now, createdAt: now, updatedAt: now })
    return id
  }
  const key = async (ownerId: string, groupId: string | null) => {
    const id = newId()
    await repos.apiKeys.insert({ id, ownerId, groupId, name: 'k', hash: id.padEnd(64, '0'), prefix: 'sk-', lastFour: '0000', models: '[]', ipAllow: '[]', clients: '[]', limits: '{}', createdAt: now, updatedAt: now })
    return id
  }

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test?.drop())

  it('are listed newest first, found by parts of name and address, caseless and with wildcards taken literally', async () => {
    const [one, two] = [await add('Ann_Lee', { email: 'Ann@Example.com', emailKey: 'ann@example.com' }), await add('annXlee', { enabled: false })]
    const ids = async (filter: object) => (await repos.users.list({ limit: 10, ...filter })).rows.map(row => row.id)
    expect(await ids({})).toEqual([two, one])
    expect(await ids({ q: 'ann_' })).toEqual([one])
    expect(await ids({ q: 'EXAMPLE' })).toEqual([one])
    expect(await ids({ enabled: false })).toEqual([two])
    expect(await ids({ role: 'admin' })).toEqual([])
    const first = await repos.users.list({ limit: 1 })
    expect(await ids({ cursor: first.nextCursor!, limit: 1 })).toEqual([one])
    expect(await ids({ sort: 'username' })).toEqual([one, two])
    await repos.users.update(one, { lastLoginAt: now })
    expect(await ids({ sort: 'lastLoginAt' })).toEqual([one, two])
    expect(await ids({ sort: '-enabled' })).toEqual([one, two])
  })

  describe('the last enabled admin', () => {
    let admins: string[]
    beforeAll(async () => {
      await add('sleeping', { role: 'admin', enabled: false })
      admins = [await add('a1', { role: 'admin' }), await add('a2', { role: 'admin' })]
    })
    const enabled = async () => (await repos.users.list({ role: 'admin', enabled: true, limit: 10 })).rows.map(row => row.id)
    const back = () => Promise.all(admins.map(id => repos.users.update(id, { role: 'admin', enabled: true })))

    it.each([
      ['demoted', (id: string) => repos.roster.change(id, { role: 'user' }, { at: now, heirId: 'x' })],
      ['disabled', (id: string) => repos.roster.change(id, { enabled: false }, { at: now, heirId: 'x' })],
    ])('is not %s, also when both go at the same moment', async (_how, go) => {
      for (let round = 0; round < 5; round++) {
        const results = await Promise.all(admins.map(go))
        expect(results.filter(result => result === null)).toHaveLength(1)
        expect(await enabled()).toHaveLength(1)
        await back()
      }
    })

    it('is not deleted, also when both go at the same moment', async () => {
      const results = await Promise.all(admins.map(id => repos.roster.remove(id, { at: now, heirId: null })))
      expect(results.filter(result => result === 'last_admin')).toHaveLength(1)
      const [left] = await enabled()
      expect(await repos.roster.change(left!, { username: 'renamed' }, { at: now, heirId: left! })).not.toBeNull()
    })
  })

  it('who leave give everything to one heir, or it goes with them', async () => {
    const [leaving, heir] = [await add('leaving'), await add('heir')]
    const theirs = async () => {
      const id = await group(leaving)
      return { groups: [id], accounts: [await account(leaving, id)], keys: [await key(leaving, id)] }
    }
    const held = await theirs()
    expect((await repos.roster.counts([leaving, heir])).get(leaving)).toEqual({ groups: 1, accounts: 1, keys: 1 })
    expect(await repos.roster.remove(leaving, { at: now, heirId: 'nobody' })).toBe('no_heir')
    await repos.sessions.insert({ id: 'session', userId: leaving, ip: null, userAgent: null, createdAt: now, lastSeenAt: now, expiresAt: now + 1 })
    expect(await repos.roster.remove(leaving, { at: now, heirId: heir })).toEqual(held)
    expect((await repos.accounts.get(held.accounts[0]!))?.ownerId).toBe(heir)
    expect(await repos.sessions.get('session')).toBeNull()
    expect(await repos.users.get(leaving)).toBeNull()
    expect(await repos.roster.remove(heir, { at: now, heirId: null })).toEqual(held)
    expect(await repos.apiKeys.get(held.keys[0]!)).toBeNull()
    expect(await repos.users.insert(user('heir'))).toBe(true)
  })

  it('who are admins no longer leave their accounts in the shared pool', async () => {
    const [former, chief] = [await add('former', { role: 'admin' }), await add('chief', { role: 'admin' })]
    const [shared, own] = [await account(former, null), await account(former, await group(former))]
    await key(former, null)
    expect(await repos.roster.sharedCounts(former)).toEqual({ accounts: 1, keys: 1 })
    expect(await repos.roster.change(former, { role: 'user' }, { at: now, heirId: chief })).toEqual({ groups: [], accounts: [shared], keys: [] })
    expect([(await repos.accounts.get(shared))?.ownerId, (await repos.accounts.get(own))?.ownerId]).toEqual([chief, former])
  })

  it('use an invitation as often as it says, and a taken name does not count', async () => {
    const id = newId()
    await repos.invites.insert({ id, codeHash: 'h1', createdBy: 'x', email: null, maxUses: 2, uses: 0, createdAt: now, expiresAt: now + 10, revokedAt: null })
    expect((await repos.invites.findOpen('h1', now))?.id).toBe(id)
    expect(await repos.invites.findOpen('h1', now + 10)).toBeNull()
    expect(await repos.invites.redeem(id, now, user('chief'))).toBe('taken')
    const outcomes = await Promise.all(['i1', 'i2', 'i3', 'i4'].map(name => repos.invites.redeem(id, now, user(name))))
    expect(outcomes.sort()).toEqual(['made', 'made', 'used_up', 'used_up'])
    expect(await repos.invites.get(id)).toMatchObject({ uses: 2 })
    expect((await repos.users.list({ q: 'i', limit: 50 })).rows.filter(row => /^i\d$/.test(row.username))).toHaveLength(2)
    const other = newId()
    await repos.invites.insert({ id: other, codeHash: 'h2', createdBy: 'x', email: 'a@example.com', maxUses: 1, uses: 0, createdAt: now, expiresAt: null, revokedAt: null })
    await repos.invites.revoke(other, now)
    expect(await repos.invites.findOpen('h2', now)).toBeNull()
    const first = await repos.invites.list({ limit: 1 })
    expect(first.rows.map(row => row.id)).toEqual([other])
    expect((await repos.invites.list({ limit: 1, cursor: first.nextCursor! })).rows.map(row => row.id)).toEqual([id])
    expect((await repos.invites.list({ limit: 2, sort: 'expiresAt' })).rows.map(row => row.id)).toEqual([id, other])
  })

  it('have so many attempts at a code, and one use, also all at once', async () => {
    const insert = (id: string) => repos.codes.insert({ id, purpose: 'sign_in', subject: 'a@example.com', userId: 'u', codeHash: 'h', attempts: 0, createdAt: now, expiresAt: now + 10, usedAt: null })
    await insert('c1')
    const attempts = await Promise.all(Array.from({ length: 9 }, () => repos.codes.attempt('c1', 5, now)))
    expect(attempts.filter(row => row !== null)).toHaveLength(5)
    await repos.codes.takeBack('c1')
    expect(await repos.codes.attempt('c1', 5, now)).toMatchObject({ attempts: 5, codeHash: 'h' })
    await insert('c2')
    expect(await repos.codes.attempt('c2', 5, now + 10)).toBeNull()
    const uses = await Promise.all([1, 2, 3].map(() => repos.codes.use('c2', now)))
    expect(uses.filter(Boolean)).toHaveLength(1)
    expect(await repos.codes.attempt('c2', 5, now)).toBeNull()
    await insert('c3')
    await repos.codes.removeOfUser('u')
    expect(await repos.codes.use('c3', now)).toBe(false)
    await insert('c4')
    expect(await repos.codes.removeExpired(now + 10)).toBe(1)
  })

  it('set two fields of one setting at once and lose neither', async () => {
    const by = { updatedBy: null, updatedAt: now }
    expect(await repos.settings.change('section', text => JSON.stringify({ ...JSON.parse(text ?? '{}') as object, zero: 0 }), by)).toEqual({ before: null, after: '{"zero":0}' })
    await Promise.all(['one', 'two', 'three'].map(field => repos.settings.change('section', text => JSON.stringify({ ...JSON.parse(text!) as object, [field]: 1 }), by)))
    expect(JSON.parse((await repos.settings.get('section'))!)).toEqual({ zero: 0, one: 1, two: 1, three: 1 })
  })
})
