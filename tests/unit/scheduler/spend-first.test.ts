import { describe, expect, it } from 'vitest'
import type { UsageWindow } from '#shared/types/usage-window'
import { soonestReset } from '#server/scheduler/spend-first'
import { poolAccount } from '../../helpers/pool'

const NOW = 1_000_000
const window = (id: string, resetsAt: number | null, used: number | null = 0.5): UsageWindow => ({ id, used, resetsAt, status: null })
const account = (id: string, windows: UsageWindow[] | null, over: object = {}) => poolAccount(id, { windows: windows && { at: 0, windows }, ...over })
const ids = (...accounts: Parameters<typeof soonestReset>[0]) => soonestReset(accounts, NOW).map(({ id }) => id)

describe('the window that resets soonest', () => {
  it('is spent first inside one priority', () => {
    expect(ids(account('a', [window('5h', NOW + 20), window('7d', NOW + 900)]), account('b', [window('7d', NOW + 10)]), account('c', null))).toEqual(['b'])
    expect(ids(account('a', [window('5h', NOW + 20)], { priority: 1 }), account('b', [window('5h', NOW + 10)], { priority: 2 }))).toEqual(['a'])
  })

  it('is shared by those that reset together', () => {
    expect(ids(account('a', [window('5h', NOW + 10)]), account('b', [window('7d', NOW + 10)]), account('c', [window('5h', NOW + 11)]))).toEqual(['a', 'b'])
  })

  it('says nothing once it is over, used up, of one family, or not told', () => {
    const others = [account('b', [window('5h', NOW, 0.1)]), account('c', [window('5h', NOW + 1, 1)]), account('d', [window('7d_opus', NOW + 1)]), account('e', [window('5h', null)])]
    expect(ids(...others)).toEqual(['b', 'c', 'd', 'e'])
    expect(ids(account('a', [window('7d', NOW + 99)]), ...others)).toEqual(['a'])
  })

  it('does not bring new sessions to an account that takes none', () => {
    expect(ids(account('a', [window('5h', NOW + 1)], { weight: 0 }), account('b', [window('5h', NOW + 2)]))).toEqual(['b'])
  })
})
