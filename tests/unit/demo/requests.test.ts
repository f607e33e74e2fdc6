import { describe, expect, test } from 'vitest'
import { createPriceBook } from '#server/billing/prices'
import type { ClosedRequest } from '#shared/types/log'
import { limitOf } from '../../../demo/limits'
import { dice } from '../../../demo/random'
import { monthOf, type MonthPlan, type PlayedKey } from '../../../demo/requests'
import { windowHeaders, windowsAt } from '../../../demo/windows'
import { claudeWindows } from '#server/platforms/claude/windows'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const now = Date.UTC(2026, 5, 17, 7, 20)
const account = { id: 'account', name: 'Account', platform: 'claude_console', manner: 'steady' as const, weight: 3, outSince: null, served: (model: string) => model }
const pool = [account, { ...account, id: 'flaky', name: 'Flaky', manner: 'flaky' as const, weight: 1 }, { ...account, id: 'old', name: 'Old', manner: 'revoked' as const, outSince: now - 3 * DAY }]
const key: PlayedKey = {
  id: 'key', name: 'Key', weight: 1, userId: 'user', userName: 'user', groupId: null, groupName: null, terms: { multiplierBp: 10_000, priceBy: 'asked' },
  ip: '192.0.2.1', models: [], madeAt: now - 40 * DAY, accounts: pool,
}
const plan = (seed: number, more: Partial<MonthPlan> = {}): MonthPlan => ({
  random: dice(seed), prices: createPriceBook(), keys: [key], now, days: 14, perHour: 40, clock: at => ({ hour: new Date(at).getUTCHours(), weekday: new Date(at).getUTCDay() }), ...more,
})
const rows = monthOf(plan(7))
const between = (from: number, to: number) => rows.filter(({ createdAt }) => createdAt >= from && createdAt < to)
/** Our own ids are new each time. */
const told = (list: ClosedRequest[]) => list.map(({ requestId: _own, ...row }) => row)

describe('a made-up month', () => {
  test('is the same for the same seed, and another one for another', () => {
    expect(told(monthOf(plan(7)))).toEqual(told(rows))
    expect(told(monthOf(plan(8)))).not.toEqual(told(rows))
  })

  test('lies in the past, oldest first, each request after its arrival', () => {
    expect(rows.length).toBeGreaterThan(500)
    expect(rows.every(row => row.startedAt >= now - 14 * DAY && row.createdAt <= now && row.createdAt - row.startedAt === row.durationMs)).toBe(true)
    expect(rows.map(({ createdAt }) => createdAt)).toEqual(rows.map(({ createdAt }) => createdAt).sort((a, b) => a - b))
  })

  test('has quiet weekends, and is never without fresh requests', () => {
    const saturday = Date.UTC(2026, 5, 13)
    expect(between(saturday, saturday + DAY).length).toBeLessThan(between(saturday + 2 * DAY, saturday + 3 * DAY).length / 2)
    const night = Date.UTC(2026, 5, 14, 4)
    const late = monthOf(plan(7, { now: night }))
    expect(late.filter(({ createdAt }) => createdAt > night - 2 * HOUR).length).toBeGreaterThan(5)
  })

  test('costs what the price book says', () => {
    const book = createPriceBook()
    for (const row of rows) expect(row.costNano).toBe(book.cost(row.model!, row, 10_000).costNano)
    expect(rows.some(({ costNano }) => costNano > 0)).toBe(true)
  })

  test('has every kind of end, and a last attempt that fits it', () => {
    const kinds = new Map(rows.map(row => [row.outcome, row]))
    expect([...kinds.keys()].sort()).toEqual(['client_closed', 'no_account', 'ok', 'refused', 'truncated', 'upstream_error'])
    for (const { outcome, attempts, accountId } of rows) {
      if (outcome === 'ok') expect(attempts.at(-1)).toMatchObject({ verdict: 'deliver', accountId })
      if (outcome === 'refused') expect(attempts).toEqual([])
    }
    expect(rows.some(({ outcome, attempts }) => outcome === 'ok' && attempts.some(({ verdict }) => verdict === 'transient'))).toBe(true)
  })

  test('uses an account until it was out, and passes it over from then on', () => {
    const old = rows.filter(({ accountId }) => accountId === 'old')
    expect(old.length).toBeGreaterThan(50)
    expect(Math.max(...old.map(({ startedAt }) => startedAt))).toBeLessThan(now - 2.5 * DAY)
    const skipping = rows.filter(({ attempts }) => attempts.some(({ accountId, verdict }) => accountId === 'old' && verdict === 'skipped'))
    expect(skipping.some(({ startedAt }) => startedAt > now - DAY)).toBe(true)
    expect(skipping.filter(({ outcome }) => outcome !== 'no_account').every(({ startedAt }) => startedAt >= now - 3 * DAY)).toBe(true)
  })

  test('has sessions of one key with agents, and no key before it was made', () => {
    expect(rows.some(({ agentId }) => agentId !== null)).toBe(true)
    const madeAt = now - 2 * DAY
    expect(monthOf(plan(7, { keys: [{ ...key, madeAt }] })).every(row => row.startedAt >= madeAt)).toBe(true)
  })

  test('asks only for the models of a key', () => {
    const asked = monthOf(plan(7, { keys: [{ ...key, models: ['claude-haiku-*'] }] })).map(({ model }) => model)
    expect(new Set(asked)).toEqual(new Set(['claude-haiku-4-5']))
  })
})

test.each([
  [9.5, 0.5, 0, '19.00'], [0.4, 0.64, 15, '15.00'], [70, 0.47, 100, '150.00'], [7.31, 1, 15, '7.30'], [0, 1, 15, '0.05'],
])('of %d USD spent, %d is a limit of (at least %d) %s', (spent, part, least, limit) => {
  expect(limitOf(spent, part, least)).toBe(limit)
})

test('official accounts tell of their windows as the product reads them', () => {
  const windows = windowsAt('max-1', now)
  expect(windows).toHaveLength(2)
  expect(claudeWindows(Object.entries(windowHeaders(windows)).flat(), now)).toEqual(windows)
  expect(windowsAt('api', now)).toEqual([])
})
