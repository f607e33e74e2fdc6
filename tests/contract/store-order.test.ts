import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountSorts } from '#shared/schemas/account'
import { groupSorts } from '#shared/schemas/group'
import { keySorts } from '#shared/schemas/key'
import { channelSorts } from '#shared/schemas/notification'
import { createRepos, type Repos } from '#server/db/repos/index'
import type { ListPage, Page } from '#server/db/repos/list-order'
import { newId } from '#server/lib/id'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const now = 1_700_000_000_000
const stamps = { createdAt: now, updatedAt: now }
const days = { day: '2026-01-07', week: '2026-01-05' }
const sums = { requests: 1, errors: 0, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, ttfbMsSum: 0, ttfbCount: 0, durationMsSum: 0 }

/** Names whose order depends on the case if it is not folded, twins, and letters that no ASCII knows. */
const names = ['beta', 'Alpha', 'alpha', 'BETA', 'gamma_1', 'Gamma 2', 'álpha', '键', 'zeta', 'alpha']

describe.each(testDialects)('the order of lists on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  const owners = [newId(), newId(), newId()]
  const groupIds = [newId(), newId()]

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
    for (const [at, username] of ['Zoe', 'adam', 'Bea'].entries()) await repos.users.insert({ id: owners[at]!, username, usernameKey: username.toLowerCase(), passwordHash: '', role: 'user', ...stamps })
    for (const [at, name] of names.entries()) {
      await repos.groups.insert({ id: groupIds[at] ?? newId(), ownerId: owners[at % 3]!, name, enabled: at % 3 > 0, multiplierBp: 10_000 * (at % 2), ...stamps })
    }
    const some = { models: '[]' }
    for (const [at, name] of names.entries()) {
      const shared = { id: newId(), ownerId: owners[at % 3]!, groupId: groupIds[at % 3] ?? null, name, enabled: at % 3 > 0, lastUsedAt: at % 4 ? now - 1000 * (at % 3) : null, ...some, ...stamps }
      await repos.accounts.insert({
        ...shared, platform: at % 2 ? 'openai' : 'claude', credentials: '', options: '{}', modelMap: '{}', modelLimits: '{}', windows: '{}',
        stateName: at % 3 ? 'normal' : 'limited', stateSince: now, priority: at % 2, weight: 10 * (at % 4),
      })
      const key = newId()
      await repos.apiKeys.insert({ ...shared, id: key, hash: key, prefix: 'sk-', lastFour: '0000', ipAllow: '[]', clients: '[]', limits: '{}', expiresAt: at % 2 ? now + 1000 * (at % 3) : null })
      await repos.notificationChannels.insert({ id: newId(), ownerId: owners[0]!, name, kind: at % 2 ? 'slack' : 'email', config: '', events: '[]', enabled: at % 3 > 0, ...stamps })
      for (const [scope, id] of [['account', shared.id], ['key', key]] as const) {
        for (const day of at % 2 ? ['2026-01-01', '2026-01-05', '2026-01-07'] : []) {
          const amount = (at % 3) * 1_000_000_000_000 + 1
          await test.store.db.insert(test.store.tables.usageDaily).values({ scope, scopeId: id, day, ...sums, costNano: amount, billedNano: amount * 2 })
        }
      }
    }
  })
  afterAll(() => test?.drop())

  interface Row { id: string }
  const lists: { name: string, sorts: readonly string[], list: (page: ListPage) => Promise<Page<Row>> }[] = [
    { name: 'accounts', sorts: accountSorts, list: page => repos.accounts.list({ days, ...page }) },
    { name: 'keys', sorts: keySorts, list: page => repos.apiKeys.list({ days, ...page }) },
    { name: 'groups', sorts: groupSorts, list: page => repos.groups.list(page) },
    { name: 'channels', sorts: channelSorts, list: page => repos.notificationChannels.list(page) },
  ]
  const cases = lists.flatMap(({ name, sorts, list }) => sorts.flatMap(column => [column, `-${column}`]).map(sort => ({ name, sort, list })))

  async function joined(list: (page: ListPage) => Promise<Page<Row>>, sort: string, limit: number): Promise<string[]> {
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const { rows, nextCursor } = await list({ sort, cursor, limit })
      ids.push(...rows.map(row => row.id))
      cursor = nextCursor ?? undefined
    } while (cursor)
    return ids
  }

  it.each(cases)('$name by $sort: the pages together are the whole list', async ({ list, sort }) => {
    const whole = (await list({ sort, limit: 200 })).rows.map(row => row.id)
    expect(new Set(whole).size).toBe(names.length)
    for (const limit of [1, 3, names.length]) expect(await joined(list, sort, limit)).toEqual(whole)
  })

  const sortedNames = async (sort: string) => (await repos.groups.list({ sort, limit: 200 })).rows.map(row => row.name)

  it('does not tell large letters from small ones, and both directions mirror each other', async () => {
    const up = await sortedNames('name')
    expect(up.map(name => name.toLowerCase())).toEqual(names.map(name => name.toLowerCase()).sort((a, b) => a < b ? -1 : a > b ? 1 : 0))
    expect(await sortedNames('-name')).toEqual([...up].reverse())
  })

  it('has those without a value last in both directions', async () => {
    for (const sort of ['lastUsedAt', '-lastUsedAt']) {
      const times = (await repos.accounts.list({ sort, limit: 200 })).rows.map(row => row.lastUsedAt)
      const known = times.filter(at => at !== null)
      expect(times.slice(known.length).every(at => at === null)).toBe(true)
      expect(known).toEqual([...known].sort((a, b) => sort.startsWith('-') ? b - a : a - b))
    }
  })

  it('orders keys and accounts by what they spent, as the roll-ups have it', async () => {
    for (const [scope, list] of [['key', lists[1]!], ['account', lists[0]!]] as const) {
      const { rows } = await list.list({ sort: '-week', limit: 200 })
      const spent = await repos.spend.sums(scope, rows.map(row => row.id), { ...days, month: '2026-01-01' })
      const week = rows.map(row => spent.get(row.id)?.week ?? 0)
      expect(week).toEqual([...week].sort((a, b) => b - a))
      expect(week[0]).toBeGreaterThan(week.at(-1)!)
    }
  })

  it('finds keys by what they are at a time', async () => {
    const is = async (status: 'active' | 'expired' | 'disabled') => (await repos.apiKeys.list({ status: { is: status, at: now + 1000 }, limit: 200 })).rows
    expect((await is('disabled')).every(row => !row.enabled)).toBe(true)
    expect((await is('expired')).every(row => row.enabled && row.expiresAt! <= now + 1000)).toBe(true)
    expect((await is('active')).every(row => row.enabled && (row.expiresAt === null || row.expiresAt > now + 1000))).toBe(true)
    const counts = await Promise.all((['active', 'expired', 'disabled'] as const).map(async status => (await is(status)).length))
    expect(counts.every(count => count > 0)).toBe(true)
    expect(counts.reduce((sum, count) => sum + count)).toBe(names.length)
  })

  it('refuses a cursor of another order, and one that nobody made', async () => {
    const { nextCursor } = await repos.accounts.list({ sort: 'name', limit: 2 })
    const refused = { code: 'validation', options: { details: [{ path: 'cursor', key: 'errors.cursor' }] } }
    for (const sort of [undefined, '-name', 'priority']) await expect(repos.accounts.list({ sort, cursor: nextCursor!, limit: 2 })).rejects.toMatchObject(refused)
    for (const cursor of ['x', 'priority', 'priority.', 'priority.a.', 'priority.a.eA', `priority.${'a'.repeat(41)}.MQ`]) {
      await expect(repos.accounts.list({ sort: 'priority', cursor, limit: 2 })).rejects.toMatchObject(refused)
    }
  })
})
