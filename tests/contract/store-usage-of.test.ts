import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { closedRequest } from '../helpers/requests'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const NOON = Date.UTC(2026, 10, 22, 12)
const HOUR = 3_600_000

describe.each(testDialects)('the sums of some groups on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
    const row = (id: string, apiKeyId: string, userId: string, at: number) => closedRequest(id, { apiKeyId, userId, createdAt: at, costNano: 9_007_199_254_740_991 })
    const rows = [row('a', 'k1', 'ann', NOON), row('b', 'k1', 'ann', NOON + 10), row('c', 'k2', 'ben', NOON), row('d', 'K1', 'ann', NOON), row('e', 'k1', 'ann', NOON - HOUR), row('f', 'k1', 'ben', NOON)]
    await repos.ledger.book({ file: 'f', from: 0, to: 1, at: NOON, timeZone: 'UTC', rows })
  })
  afterAll(() => test?.drop())

  it('are those of the ids, the user and the time alone, exact at any size', async () => {
    const found = await repos.usage.of('key', { from: NOON, to: NOON + HOUR, userId: 'ann' }, ['k1', 'k2', 'nobody'])
    expect([...found.keys()]).toEqual(['k1'])
    expect(found.get('k1')).toMatchObject({ requests: 2, costNano: 18_014_398_509_481_982n })
    expect((await repos.usage.of('key', { from: NOON, to: NOON + HOUR }, ['k1', 'k2'])).size).toBe(2)
    expect((await repos.usage.of('account', { from: NOON, to: NOON + HOUR }, ['account1'])).get('account1')?.requests).toBe(5)
    expect(await repos.usage.of('key', { from: 0, to: NOON + HOUR }, [])).toEqual(new Map())
  })
})
