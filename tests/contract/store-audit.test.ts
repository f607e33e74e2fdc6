import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiLogFilter, ApiLogRow } from '#server/db/repos/api-logs'
import type { AuditFilter, AuditLogRow } from '#server/db/repos/audit-logs'
import { createRepos, type Repos } from '#server/db/repos/index'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const T = 1_700_000_000_000
const audit = (id: string, over: Partial<AuditLogRow> = {}): AuditLogRow => ({
  id, createdAt: T, userId: 'ann', userName: 'Ann', action: 'key.create', targetType: 'key', targetId: 'k1', targetName: 'Key of Ann', before: null, after: '{"name":"键"}', ip: '192.0.2.1', ...over,
})
const access = (id: string, over: Partial<ApiLogRow> = {}): ApiLogRow => ({
  id, createdAt: T, userId: 'ann', method: 'POST', path: '/api/keys', status: 201, durationMs: 3, ip: '192.0.2.1', userAgent: 'curl', errorCode: null, ...over,
})

describe.each(testDialects)('what was done, on %s', (dialect) => {
  let test: TestStore
  let repos: Repos

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
    const rows = [
      audit('a1'), audit('a2', { createdAt: T + 1, action: 'key.update', targetId: 'k2', targetName: '100% off' }), audit('a3', { createdAt: T + 1, action: 'group.delete', targetType: 'group', targetId: 'g1', targetName: null }),
      audit('a4', { createdAt: T + 2, userId: 'ben', userName: 'BEN', action: 'session.start', targetType: 'session', targetId: null, targetName: null, ip: null }), audit('a5', { createdAt: T + 1 }),
    ]
    for (const row of rows) await repos.auditLogs.insert(row)
    await repos.apiLogs.insert([
      access('b1'), access('b2', { createdAt: T + 5, method: 'GET', path: '/api/logs', status: 404, errorCode: 'not_found' }), access('b3', { createdAt: T + 5, userId: null, status: 401, ip: '::1', path: '/api/Keys_x' }), access('b4', { createdAt: T + 9, userId: 'ben', status: 500 }),
    ])
  })
  afterAll(() => test?.drop())

  const audits = async (filter: AuditFilter) => (await repos.auditLogs.list(filter, { limit: 50 })).items.map(({ id }) => id)
  const calls = async (filter: ApiLogFilter) => (await repos.apiLogs.list(filter, { limit: 50 })).items.map(({ id }) => id)

  it('is listed from new to old and comes back as it was', async () => {
    expect(await audits({})).toEqual(['a4', 'a5', 'a3', 'a2', 'a1'])
    expect((await repos.auditLogs.list({ targetId: 'k1', to: T + 1 }, { limit: 1 })).items).toEqual([audit('a1')])
    expect(await calls({})).toEqual(['b4', 'b3', 'b2', 'b1'])
    expect((await repos.apiLogs.list({ userId: 'ben' }, { limit: 1 })).items).toEqual([access('b4', { createdAt: T + 9, userId: 'ben', status: 500 })])
  })

  it.each<[AuditFilter, string[]]>([
    [{ userId: 'ben' }, ['a4']], [{ action: 'key.create' }, ['a5', 'a1']], [{ action: 'key' }, ['a5', 'a2', 'a1']], [{ targetType: 'group' }, ['a3']], [{ targetType: 'key', targetId: 'k2' }, ['a2']],
    [{ from: T + 1, to: T + 2 }, ['a5', 'a3', 'a2']], [{ q: 'ben' }, ['a4']], [{ q: 'KEY OF' }, ['a5', 'a1']], [{ q: '0%' }, ['a2']], [{ q: 'g1' }, ['a3']], [{ q: '192.0.2.1', userId: 'ben' }, []], [{ userId: 'ann', action: 'key', from: T + 1 }, ['a5', 'a2']],
  ])('changes by %j', async (filter, ids) => {
    expect(await audits(filter)).toEqual(ids)
  })

  it.each<[ApiLogFilter, string[]]>([
    [{ userId: 'ann' }, ['b2', 'b1']], [{ method: 'GET' }, ['b2']], [{ status: 4 }, ['b3', 'b2']], [{ status: 401 }, ['b3']], [{ ip: '::1' }, ['b3']], [{ q: 'keys_' }, ['b3']], [{ q: 'KEYS' }, ['b4', 'b3', 'b1']], [{ from: T + 5, to: T + 9 }, ['b3', 'b2']],
  ])('calls by %j', async (filter, ids) => {
    expect(await calls(filter)).toEqual(ids)
  })

  it('is paged without gap or repeat, also inside a millisecond', async () => {
    for (const list of [repos.auditLogs.list, repos.apiLogs.list]) {
      const seen: string[] = []
      for (let cursor: string | undefined, last = false; !last;) {
        const { items, nextCursor } = await list({}, { cursor, limit: 2 })
        seen.push(...items.map(({ id }) => id))
        cursor = nextCursor ?? undefined
        last = nextCursor === null
      }
      expect(seen).toEqual((await list({}, { limit: 50 })).items.map(({ id }) => id))
      expect(await list({}, { cursor: 'no cursor', limit: 2 })).toEqual({ items: [], nextCursor: null })
    }
  })

  it('names what can be filtered by', async () => {
    const { actions, userIds } = await repos.auditLogs.values()
    expect(actions).toEqual(['group.delete', 'key.create', 'key.update', 'session.start'])
    expect(userIds.sort()).toEqual(['ann', 'ben'])
  })

  it('goes when its time is over, each by its own', async () => {
    await repos.auditLogs.insert(audit('old', { createdAt: 5 }))
    await repos.apiLogs.insert([access('old', { createdAt: 5 })])
    expect([await repos.prune.auditLogs(6), await repos.prune.auditLogs(6), await repos.prune.apiLogs(5), await repos.prune.apiLogs(6)]).toEqual([1, 0, 0, 1])
    expect(await audits({})).toHaveLength(5)
  })
})
