import type { Nano, UsageAmounts } from '#shared/types/stats'
import { nanoToUsd } from '#shared/utils/money'
import { sumKeys } from '../billing/rollups'
import type { Totals } from '../db/repos/usage'

export const noTotals = (): Totals => Object.fromEntries(sumKeys.map(name => [name, name.endsWith('Nano') ? 0n : 0])) as Totals

/** `left` plus `sign` × `right`. */
export function plus(left: Totals, right: Totals, sign: 1 | -1 = 1): Totals {
  const sum = (a: number | bigint, b: number | bigint) => (typeof a === 'bigint' ? a + BigInt(sign) * BigInt(b) : a + sign * Number(b))
  return Object.fromEntries(sumKeys.map(name => [name, sum(left[name], right[name])])) as Totals
}

/** Totals as the API tells them. */
export function amountsOf(t: Totals): UsageAmounts {
  const part = (value: bigint) => ({ nano: nano(value), usd: nanoToUsd(value) })
  return {
    requests: t.requests,
    errors: t.errors,
    inputTokens: t.inputTokens,
    outputTokens: t.outputTokens,
    cacheReadTokens: t.cacheReadTokens,
    cacheWrite5mTokens: t.cacheWrite5mTokens,
    cacheWrite1hTokens: t.cacheWrite1hTokens,
    totalTokens: t.inputTokens + t.outputTokens + t.cacheReadTokens + t.cacheWrite5mTokens + t.cacheWrite1hTokens,
    costNano: nano(t.costNano),
    costUsd: nanoToUsd(t.costNano),
    billedNano: nano(t.billedNano),
    billedUsd: nanoToUsd(t.billedNano),
    costParts: {
      input: part(t.costInputNano), output: part(t.costOutputNano), cacheRead: part(t.costCacheReadNano),
      cacheWrite: part(t.costCacheWriteNano), webSearch: part(t.costWebSearchNano),
    },
    averageTtfbMs: mean(t.ttfbMsSum, t.ttfbCount),
    averageDurationMs: mean(t.durationMsSum, t.requests),
  }
}

const nano = (value: bigint): Nano => (Number.isSafeInteger(Number(value)) ? Number(value) : value.toString())
const mean = (sum: number, count: number): number | null => (count > 0 ? Math.round(sum / count) : null)
