import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import type { LogFilter, LogRow } from '#server/db/repos/logs'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'
import { poll } from '../helpers/until'

// What the repos of the system tables promise, on both dialects.
describe.each(testDialects)('system repos on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    const { logs, leases, settings, instances, changes, taskRuns } = test.store.tables
    for (const table of [logs, leases, settings, instances, changes, taskRuns]) await test.store.db.delete(table)
  })

  describe('settings', () => {
    it('replace the value and keep it when set once more', async () => {
      expect(await repos.settings.get('a')).toBeNull()
      await repos.settings.set({ key: 'a', value: '{"n":1}', updatedBy: 'u', updatedAt: 1 })
      await repos.settings.set({ key: 'a', value: '"中"', updatedBy: null, updatedAt: 2 })
      expect(await repos.settings.setOnce({ key: 'a', value: '3', updatedBy: null, updatedAt: 3 })).toBe(false)
      expect(await repos.settings.setOnce({ key: 'b', value: '4', updatedBy: null, updatedAt: 3 })).toBe(true)
      expect(await repos.settings.all()).toEqual(expect.arrayContaining([{ key: 'a', value: '"中"', updatedBy: null, updatedAt: 2 }]))
      await repos.settings.remove('a')
      expect([await repos.settings.get('a'), await repos.settings.get('b')]).toEqual([null, '4'])
    })
  })

  describe('leases', () => {
    const ask = (holder: string, ttlMs: number) => repos.leases.acquire('task', holder, ttlMs)
    const untilRunOut = () => poll(async () => {
      const [row] = await test.store.db.select().from(test.store.tables.leases)
      return row!.expiresAt <= await repos.changes.now() || undefined
    }, 'the lease to run out')

    it('go to exactly one of many that ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => ask(`h${i}`, 60_000)))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await repos.leases.renew('task', `h${answers.indexOf(true)}`, 10)).toBe(true)
      await untilRunOut()
      // Run out: again one, and not the old holder by right.
      const later = await Promise.all(Array.from({ length: 12 }, (_, i) => ask(`n${i}`, 60_000)))
      expect(later.filter(Boolean)).toHaveLength(1)
    })

    it('are renewed and released by their holder only, and only while they run', async () => {
      const { leases } = repos
      expect(await ask('me', 60_000)).toBe(true)
      expect(await ask('me', 60_000)).toBe(true)
      expect(await ask('you', 60_000)).toBe(false)
      expect(await leases.renew('task', 'you', 60_000)).toBe(false)
      await leases.release('task', 'you')
      expect(await ask('you', 60_000)).toBe(false)
      expect(await leases.renew('task', 'me', 10)).toBe(true)
      await untilRunOut()
      expect(await leases.renew('task', 'me', 60_000)).toBe(false)
      expect(await ask('you', 60_000)).toBe(true)
      await leases.release('task', 'you')
      expect(await ask('me', 60_000)).toBe(true)
    })
  })

  it('the database\'s clock tells epoch milliseconds', async () => {
    expect(Math.abs(await repos.changes.now() - Date.now())).toBeLessThan(5_000)
    await repos.changes.append('key', 'k')
    const [row] = await repos.changes.since(0)
    expect(Math.abs(row!.at - Date.now())).toBeLessThan(5_000)
    expect(Number.isInteger(row!.at)).toBe(true)
  })

  it('instances tell the living from the stopped and the silent', async () => {
    const { instances } = repos
    const table = test.store.tables.instances
    const silentFor = async (id: string, ms: number) => {
      await test.store.db.update(table).set({ heartbeatAt: Date.now() - ms }).where(eq(table.id, id))
    }
    for (const [i, id] of ['a', 'b', 'c'].entries()) await instances.register({ id, host: '主机', pid: i, version: '1', startedAt: 100 })
    expect((await instances.alive(30_000)).map(row => row.id)).toEqual(['a', 'b', 'c'])
    await silentFor('c', 40_000)
    await instances.stop('b')
    expect((await instances.alive(30_000)).map(row => row.id)).toEqual(['a'])
    expect(await instances.heartbeat('c')).toBe(true)
    expect(await instances.heartbeat('gone')).toBe(false)
    expect((await instances.alive(30_000)).map(row => row.id)).toEqual(['a', 'c'])
    await instances.register({ id: 'b', host: 'h', pid: 9, version: '2', startedAt: 400 })
    expect(await instances.get('b')).toMatchObject({ id: 'b', host: 'h', pid: 9, version: '2', startedAt: 400, stoppedAt: null })
    await silentFor('c', 40_000)
    expect(await instances.prune(35_000)).toBe(1)
    expect((await instances.all()).map(row => row.id).sort()).toEqual(['a', 'b'])
    expect(await instances.get('c')).toBeNull()
  })

  it('changes are read from a time on, in order, and pruned', async () => {
    const { changes } = repos
    const table = test.store.tables.changes
    const at = async (id: string, time: number) => {
      await test.store.db.update(table).set({ at: time }).where(eq(table.id, id))
      return id
    }
    const ids = [await at(await changes.append('key', 'k1'), 10), await at(await changes.append('user', 'u1'), 20), await at(await changes.append('key', 'k2'), 20)]
    expect((await changes.since(0)).map(row => row.id)).toEqual(ids)
    expect((await changes.since(20)).map(({ kind, refId }) => [kind, refId])).toEqual([['user', 'u1'], ['key', 'k2']])
    await at(ids[2]!, await changes.now() - 50_000)
    expect(await changes.prune(60_000)).toBe(2)
    expect((await changes.since(0)).map(row => row.id)).toEqual([ids[2]])
  })

  it('task runs tell the last one of a task, and whether it was lately', async () => {
    const { taskRuns } = repos
    const table = test.store.tables.taskRuns
    const began = async (id: string, msAgo: number) => {
      await test.store.db.update(table).set({ startedAt: Date.now() - msAgo }).where(eq(table.id, id))
    }
    expect(await taskRuns.last('t')).toBeNull()
    for (const [i, task] of ['t', 't', 'other'].entries()) await taskRuns.start({ id: `r${i}`, task, instanceId: 'i' })
    expect(await taskRuns.last('t')).toMatchObject({ id: 'r1', endedAt: null, outcome: null })
    await taskRuns.end('r1', { outcome: 'ok', result: '{"pruned":3}' })
    expect(await taskRuns.last('t')).toMatchObject({ endedAt: expect.any(Number) as number, outcome: 'ok', result: '{"pruned":3}' })
    for (const id of ['r0', 'r1']) await began(id, 60_000)
    expect([await taskRuns.ranWithin('t', 30_000), await taskRuns.ranWithin('t', 90_000), await taskRuns.ranWithin('other', 30_000)]).toEqual([false, true, true])
    // One that a clock set wrong put into the future keeps nobody from running.
    for (const id of ['r0', 'r1']) await began(id, -600_000)
    expect(await taskRuns.ranWithin('t', 30_000)).toBe(false)
    for (const id of ['r0', 'r1']) await began(id, 60_000)
    expect(await taskRuns.prune(50_000)).toBe(2)
  })

  describe('logs', () => {
    const row = (n: number, more: Partial<LogRow> = {}) => ({
      requestId: `req_${String(n).padStart(4, '0')}`, createdAt: 1_000 + Math.floor(n / 7), startedAt: 1, stream: true, status: 200, outcome: 'ok',
      usageComplete: true, priced: true, durationMs: 1, attempts: '[]', userId: 'u', ...more,
    })
    const insert = (rows: ReturnType<typeof row>[]) => test.store.db.insert(test.store.tables.logs).values(rows)

    async function walk(filter: LogFilter, limit: number): Promise<string[]> {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await repos.logs.list(filter, { cursor, limit })
        expect(page.items.length).toBeLessThanOrEqual(limit)
        seen.push(...page.items.map(item => item.requestId))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      return seen
    }

    it('are walked page by page without gaps or doubles, also among equal times and while new rows come', async () => {
      const numbers = Array.from({ length: 60 }, (_, i) => i)
      await insert(numbers.map(n => row((n * 37) % 60)))
      const expected = numbers.map(n => row(n).requestId).reverse()
      for (const limit of [1, 3, 7, 20, 60, 100]) expect(await walk({}, limit)).toEqual(expected)
      const first = await repos.logs.list({}, { limit: 10 })
      await insert([row(100)])
      const second = await repos.logs.list({}, { limit: 10, cursor: first.nextCursor! })
      expect([...first.items, ...second.items].map(item => item.requestId)).toEqual(expected.slice(0, 20))
    })

    it('are filtered by each field and by all together', async () => {
      const special: Partial<LogRow> = {
        userId: 'u2', apiKeyId: 'k2', accountId: 'a2', model: 'claude-模型 😀', status: 502, outcome: 'upstream_error', sessionId: 's2', stream: false, upstreamRequestId: 'up-2',
      }
      await insert([...Array.from({ length: 20 }, (_, n) => row(n)), row(30, special)])
      const filters: LogFilter[] = [
        { userId: 'u2' }, { keyId: 'k2' }, { accountId: 'a2' }, { model: 'claude-模型 😀' }, { status: 502 }, { outcome: 'upstream_error' },
        { sessionId: 's2' }, { stream: false }, { requestId: 'up-2' }, { requestId: 'req_0030' }, { from: 1_004 },
      ]
      for (const filter of [...filters, Object.assign({}, ...filters) as LogFilter]) expect(await walk(filter, 5), JSON.stringify(filter)).toEqual(['req_0030'])
      expect(await walk({ from: 1_001, to: 1_002 }, 5)).toHaveLength(7)
      expect(await walk({ userId: 'u', requestId: 'up-2' }, 5)).toEqual([])
      expect(await walk({ userId: 'u', keyId: '中' }, 5)).toEqual([])
    })

    it('are found by our request id and by the upstream\'s, for their owner only', async () => {
      await insert([row(1, { upstreamRequestId: 'shared' }), row(20, { upstreamRequestId: 'shared', userId: 'other' })])
      expect((await repos.logs.get('req_0001'))?.requestId).toBe('req_0001')
      expect((await repos.logs.get('shared'))?.requestId).toBe('req_0020')
      expect((await repos.logs.get('shared', 'u'))?.requestId).toBe('req_0001')
      expect(await repos.logs.get('req_0001', 'other')).toBeNull()
      expect(await repos.logs.get('no such id 😀')).toBeNull()
    })

    it('end at a cursor that nobody made', async () => {
      await insert([row(1)])
      for (const cursor of ['', 'x', '1', '1000.', `${'9'.repeat(40)}.a`, '1.\' or 1=1']) {
        expect(await repos.logs.list({}, { cursor, limit: 10 })).toEqual({ items: [], nextCursor: null })
      }
    })
  })
})
