import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import type { NewAccount } from '#server/db/repos/accounts'
import type { NewApiKey } from '#server/db/repos/api-keys'
import { newId } from '#server/lib/id'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const now = 1_700_000_000_000

const user = (username: string, given: Record<string, unknown> = {}) => ({ id: newId(), username, usernameKey: username.toLowerCase(), passwordHash: '', role: 'user' as const, createdAt: now, updatedAt: now, ...given })
const group = (ownerId: string, name: string) => ({ id: newId(), ownerId, name, createdAt: now, updatedAt: now })
const account = (ownerId: string, given: Partial<NewAccount> = {}): NewAccount => ({
  id: newId(), ownerId, name: 'a', platform: 'claude_console', credentials: 'sealed', proxyUrl: 'sealed', options: '{}', models: '[]', modelMap: '{}', modelLimits: '{}', windows: '{}',
  stateSince: now, createdAt: now, updatedAt: now, ...given,
})
const key = (ownerId: string, hash: string, given: Partial<NewApiKey> = {}): NewApiKey => ({
  id: newId(), ownerId, name: 'k', hash, prefix: 'sk-', lastFour: '0000', models: '[]', ipAllow: '[]', clients: '[]', limits: '{}', createdAt: now, updatedAt: now, ...given,
})

describe.each(testDialects)('domain repos on %s', (dialect) => {
  let test: TestStore
  let repos: Repos

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test?.drop())

  describe('users', () => {
    it('are found by folded name or address, exactly', async () => {
      const row = user('Zoë', { email: 'Zoë@Example.com', emailKey: 'zoë@example.com' })
      expect(await repos.users.insert(row)).toBe(true)
      expect((await repos.users.findByLogin('zoë'))?.id).toBe(row.id)
      expect((await repos.users.findByLogin('zoë@example.com'))?.id).toBe(row.id)
      for (const other of ['Zoë', 'zoe', 'zoë\n']) expect(await repos.users.findByLogin(other)).toBeNull()
    })

    it('cannot share a name or an address; many have no address', async () => {
      expect(await repos.users.insert(user('twin'))).toBe(true)
      expect(await repos.users.insert(user('twin'))).toBe(false)
      expect(await repos.users.insert(user('twin-2', { emailKey: 'x@example.com' }))).toBe(true)
      expect(await repos.users.insert(user('twin-3', { emailKey: 'x@example.com' }))).toBe(false)
    })

    it('keep flags as booleans and count as admins only while alive', async () => {
      const row = user('chief', { role: 'admin', sharedPool: true })
      await repos.users.insert(row)
      expect(await repos.users.get(row.id)).toMatchObject({ enabled: true, mustChangePassword: false, sharedPool: true })
      expect(await repos.users.countAdmins()).toBe(1)
      await repos.users.update(row.id, { deletedAt: now })
      expect(await repos.users.countAdmins()).toBe(0)
      expect(await repos.users.get(row.id)).toBeNull()
      expect((await repos.users.names([row.id])).get(row.id)).toBe('chief')
    })

    it('leave orphans that one other adopts', async () => {
      const [keeper, heir] = [user('keeper'), user('heir')]
      await repos.users.insert(keeper)
      await repos.users.insert(heir)
      const [orphan, kept] = [group('nobody', 'orphan'), group(keeper.id, 'kept')]
      await repos.groups.insert(orphan)
      await repos.groups.insert(kept)
      await repos.users.adoptOrphans(heir.id, now)
      expect((await repos.groups.get(orphan.id))?.ownerId).toBe(heir.id)
      expect((await repos.groups.get(kept.id))?.ownerId).toBe(keeper.id)
    })
  })

  it('sessions are listed, end one by one, all of one user, and by time', async () => {
    const session = (id: string, userId: string, expiresAt = now + 10) => repos.sessions.insert({ id, userId, ip: null, userAgent: null, createdAt: now, lastSeenAt: now, expiresAt })
    for (const id of ['s1', 's2', 's3']) await session(id, 'u')
    await session('other', 'v', now)
    await repos.sessions.touch('s1', now + 5)
    expect((await repos.sessions.get('s1'))?.lastSeenAt).toBe(now + 5)
    await repos.sessions.remove('s1')
    await repos.sessions.touch('s2', now + 6)
    expect((await repos.sessions.ofUser('u', now)).map(row => row.id)).toEqual(['s2', 's3'])
    expect(await repos.sessions.ofUser('u', now + 10)).toEqual([])
    expect([await repos.sessions.removeOwn('v', 's2'), await repos.sessions.removeOwn('u', 's2')]).toEqual([false, true])
    expect(await Promise.all(['s1', 's2', 's3', 'other'].map(async id => (await repos.sessions.get(id))?.id))).toEqual([undefined, undefined, 's3', 'other'])
    expect(await repos.sessions.removeExpired(now)).toBe(1)
    await repos.sessions.removeOfUser('u')
    expect(await repos.sessions.get('s3')).toBeNull()
  })

  it('groups are searched without case, wildcards taken literally, newest first', async () => {
    const owner = newId()
    for (const name of ['100% Sure!', '1000 sure!', 'Under_score', 'Underscore']) await repos.groups.insert(group(owner, name))
    const names = async (q: string) => (await repos.groups.list({ ownerId: owner, q, limit: 10 })).rows.map(row => row.name)
    expect(await names('SURE!')).toEqual(['1000 sure!', '100% Sure!'])
    expect(await names('0%')).toEqual(['100% Sure!'])
    expect(await names('r_s')).toEqual(['Under_score'])
    expect(await names('\\')).toEqual([])
  })

  it('accounts filter by pool and state, count by group and lose their secrets when deleted', async () => {
    const [owner, groupId] = [newId(), newId()]
    const rows = [account(owner), account(owner, { groupId }), account(owner, { groupId, stateName: 'abnormal', enabled: false })]
    for (const row of rows) await repos.accounts.insert(row)
    const ids = async (filter: object) => (await repos.accounts.list({ ownerId: owner, limit: 10, ...filter })).rows.map(row => row.id)
    expect(await ids({ groupId: null })).toEqual([rows[0]!.id])
    expect(await ids({ groupId })).toEqual([rows[2]!.id, rows[1]!.id])
    expect(await ids({ state: 'abnormal', enabled: false, platform: 'claude_console' })).toEqual([rows[2]!.id])
    expect([...await repos.accounts.countByGroup([groupId, 'none'])]).toEqual([[groupId, 2]])
    await repos.accounts.touch([rows[0]!.id, rows[1]!.id], now + 1)
    expect((await repos.accounts.get(rows[1]!.id))?.lastUsedAt).toBe(now + 1)
    expect([...await repos.accounts.lastUsed([rows[1]!.id, 'none'])]).toEqual([[rows[1]!.id, now + 1]])
    await repos.accounts.remove(rows[1]!.id, now)
    expect(await repos.accounts.get(rows[1]!.id)).toBeNull()
    expect([...await repos.accounts.countByGroup([groupId])]).toEqual([[groupId, 1]])
    expect([...await repos.accounts.owners([rows[1]!.id])]).toEqual([[rows[1]!.id, owner]])
    const { accounts } = test.store.tables
    expect((await test.store.db.select().from(accounts)).find(row => row.id === rows[1]!.id)).toMatchObject({ credentials: '', proxyUrl: null })
  })

  it('account events come newest first, page after page, those of one moment too', async () => {
    for (const at of [1, 3, 2, 2, 2]) await repos.accountEvents.insert({ id: newId(), accountId: 'a', at, fromState: 'normal', toState: 'limited', reason: null, evidence: '限', until: null, byUserId: null })
    const all = await repos.accountEvents.list('a', 10)
    expect(all.map(row => row.at)).toEqual([3, 2, 2, 2, 1])
    for (const [index, row] of all.entries()) expect(await repos.accountEvents.list('a', 2, row)).toEqual(all.slice(index + 1, index + 3))
    expect(await repos.accountEvents.list('b', 2)).toEqual([])
  })

  it('keys are unique by hash while alive', async () => {
    const owner = newId()
    const row = key(owner, 'f'.repeat(64), { groupId: 'g' })
    expect(await repos.apiKeys.insert(row)).toBe(true)
    expect(await repos.apiKeys.insert(key(owner, 'f'.repeat(64)))).toBe(false)
    expect((await repos.apiKeys.findByHash('f'.repeat(64)))?.id).toBe(row.id)
    expect(await repos.apiKeys.findByHash('F'.repeat(64))).toBeNull()
    expect((await repos.apiKeys.list({ ownerId: owner, groupId: 'g', limit: 5 })).rows.map(each => each.id)).toEqual([row.id])
    expect([...await repos.apiKeys.countByGroup(['g'])]).toEqual([['g', 1]])
    await repos.apiKeys.touch([row.id], now)
    await repos.apiKeys.remove(row.id, now)
    expect(await repos.apiKeys.findByHash('f'.repeat(64))).toBeNull()
    expect(await repos.apiKeys.insert(key(owner, 'f'.repeat(64)))).toBe(true)
  })

  it('access and audit rows take any text', async () => {
    await repos.apiLogs.insert({ id: newId(), createdAt: now, userId: null, method: 'POST', path: '/api/键', status: 400, durationMs: 1, ip: '::1', userAgent: '😀', errorCode: null })
    await repos.auditLogs.insert({ id: newId(), createdAt: now, userId: null, userName: '管理员', action: 'key.create', targetType: 'key', targetId: null, targetName: '键', before: null, after: '{"name":"键😀"}', ip: null })
    expect((await test.store.db.select().from(test.store.tables.auditLogs)).at(0)?.after).toBe('{"name":"键😀"}')
  })
})
