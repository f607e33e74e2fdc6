import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWindowKeeper, windowsOf, type WindowKeeper } from '#server/accounts/windows'
import { createLogger } from '#server/lib/logger'
import { handClock, poolAccount } from '../../helpers/pool'

const clock = handClock(Date.UTC(2026, 0, 5))
const reset = Math.round(clock.time / 1000) + 3_600
const headers = (used: number, at = reset) => ['anthropic-ratelimit-unified-5h-utilization', String(used), 'anthropic-ratelimit-unified-5h-reset', String(at)]

describe('what answers tell of usage windows', () => {
  const written: string[] = []
  const announced: string[] = []
  let fails = false
  let keeper: WindowKeeper
  const account = poolAccount('a', { platform: 'claude' })

  beforeEach(() => {
    written.length = announced.length = 0
    account.windows = null
    keeper = createWindowKeeper({
      repos: { accounts: { async update(_id, { windows }) {
        if (fails) throw new Error('away')
        written.push(windows!)
      } } },
      clock, logger: createLogger({ level: 'silent' }), announce: async id => void announced.push(id), periodMs: 1_000_000,
    })
  })
  afterEach(() => keeper.stop())

  it('is known at once and written together', async () => {
    keeper.note(account, headers(0.1))
    keeper.note(account, headers(0.2))
    expect(account.windows).toEqual({ at: clock.time, windows: [{ id: '5h', used: 0.2, resetsAt: reset * 1000, status: null }] })
    await keeper.stop()
    expect(written.map(windows => windowsOf({ windows }))).toEqual([account.windows])
    expect(announced).toEqual(['a'])
  })

  it('is not written for steps too small to see, until they add up', async () => {
    keeper.note(account, headers(0.1))
    await keeper.stop()
    for (const used of [0.101, 0.102, 0.103]) keeper.note(account, headers(used))
    await keeper.stop()
    expect(written).toHaveLength(1)
    keeper.note(account, headers(0.106))
    await keeper.stop()
    expect(written).toHaveLength(2)
  })

  it('keeps windows that this answer does not tell of, until their reset', () => {
    keeper.note(account, ['anthropic-ratelimit-unified-7d_opus-utilization', '0.5', 'anthropic-ratelimit-unified-7d_opus-reset', String(reset)])
    keeper.note(account, headers(0.1, reset + 100))
    expect(account.windows?.windows.map(({ id }) => id)).toEqual(['5h', '7d_opus'])
    clock.time = reset * 1000
    keeper.note(account, headers(0.2, reset + 100))
    expect(account.windows?.windows.map(({ id }) => id)).toEqual(['5h'])
  })

  it('waits while the database is away', async () => {
    fails = true
    keeper.note(account, headers(0.9, reset + 100))
    await keeper.stop()
    fails = false
    await keeper.stop()
    expect(written).toHaveLength(1)
  })

  it('of other platforms is nothing', () => {
    const other = poolAccount('b')
    keeper.note(other, headers(0.1))
    expect(other.windows).toBeNull()
  })
})
