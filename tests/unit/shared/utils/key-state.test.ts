import { expect, test } from 'vitest'
import type { KeyLimitsView, UsageView } from '#shared/types/api'
import { budgetsOf, keyStatus } from '#shared/utils/key-state'

const key = { broken: false, enabled: true, expiresAt: null }

test('a key is broken before it is disabled, and disabled before it is expired', () => {
  expect(keyStatus(key, 1000)).toBe('active')
  expect(keyStatus({ ...key, expiresAt: 1001 }, 1000)).toBe('active')
  expect(keyStatus({ ...key, expiresAt: 1000 }, 1000)).toBe('expired')
  expect(keyStatus({ ...key, enabled: false, expiresAt: 1000 }, 1000)).toBe('disabled')
  expect(keyStatus({ broken: true, enabled: false, expiresAt: 1000 }, 1000)).toBe('broken')
})

const spent = (usedNano: number) => ({ usedNano, usedUsd: String(usedNano / 1e9), resetsAt: 5 })
const usage: UsageView = { day: spent(8e8), week: spent(2e9), month: spent(0), total: spent(5e9), requestsToday: 0, requestsWeek: 0 }
const limits: KeyLimitsView = {
  dailyUsd: '1', dailyNano: 1e9, weeklyUsd: '1', weeklyNano: 1e9, monthlyUsd: '0', monthlyNano: 0, totalUsd: null, totalNano: null, requestsPerMinute: null, concurrency: null,
}

test('each period is held against its own limit; a limit of nothing is used up', () => {
  expect(budgetsOf({ usage, limits }).map(({ period, which, share, tone, capUsd }) => [period, which, share, tone, capUsd])).toEqual([
    ['day', 'daily', 0.8, 'near', '1'], ['week', 'weekly', 1, 'over', '1'], ['month', 'monthly', 1, 'over', '0'], ['total', 'total', null, 'fine', null],
  ])
})
