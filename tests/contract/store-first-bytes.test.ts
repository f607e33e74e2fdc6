import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { closedRequest } from '../helpers/requests'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

const now = 1_700_000_000_000

describe.each(testDialects)('times to the first byte on %s', (dialect) => {
  let test: TestStore
  let repos: Repos

  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
    const times = [10, null, 30, 40, 50]
    const rows = times.map((ttfbMs, at) => closedRequest(`r${at}`, { createdAt: now - at * 1000, ttfbMs }))
    await repos.ledger.book({ file: 'f', from: 0, to: 1, at: now, timeZone: 'UTC', rows })
  })
  afterAll(() => test?.drop())

  it('are those of the newest rows of the time; rows without one are left out', async () => {
    expect(await repos.logs.firstBytes(now - 3_000, 100)).toEqual([10, 30, 40])
    expect(await repos.logs.firstBytes(now - 3_000, 3)).toEqual([10, 30])
    expect(await repos.logs.firstBytes(now + 1, 100)).toEqual([])
  })
})
