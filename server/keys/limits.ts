import { z } from 'zod'
import { problem, type FieldProblem } from '#shared/schemas/errors'
import type { KeyLimitsInput } from '#shared/schemas/key'
import type { KeyLimitsView } from '#shared/types/api'
import { nanoToUsd, usdToNano } from '#shared/utils/money'
import { invalid } from '../lib/errors'

const nano = z.int().min(0).optional()

/** The limits of a key as stored: amounts in nano-USD, absent = no such limit. */
export const keyLimits = z.object({
  dailyNano: nano,
  weeklyNano: nano,
  monthlyNano: nano,
  totalNano: nano,
  requestsPerMinute: z.int().min(1).optional(),
  concurrency: z.int().min(1).optional(),
})
export type KeyLimits = z.output<typeof keyLimits>

const amounts = { dailyUsd: 'dailyNano', weeklyUsd: 'weeklyNano', monthlyUsd: 'monthlyNano', totalUsd: 'totalNano' } as const
type AmountField = keyof typeof amounts
const counts = ['requestsPerMinute', 'concurrency'] as const

/** Null when the column can't be read: such a key is refused until its limits are saved anew. */
export function readKeyLimits(text: string): KeyLimits | null {
  try {
    return keyLimits.parse(JSON.parse(text))
  }
  catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null
    throw error
  }
}

/** `stored` with what a request changes: absent = unchanged, null = no such limit. Throws `validation` for an amount that is none. */
export function changedLimits(stored: KeyLimits, input: KeyLimitsInput): KeyLimits {
  const next: KeyLimits = { ...stored }
  const problems: FieldProblem[] = []
  for (const [field, column] of Object.entries(amounts) as [AmountField, typeof amounts[AmountField]][]) {
    const given = input[field]
    if (given === undefined) continue
    const value = given === null ? undefined : usdToNano(given)
    if (value === null) problems.push(problem(`limits.${field}`, 'errors.money'))
    else next[column] = value
  }
  if (problems.length) throw invalid(problems)
  for (const field of counts) if (input[field] !== undefined) next[field] = input[field] ?? undefined
  return next
}

export function limitsView(limits: KeyLimits): KeyLimitsView {
  const usd = (value: number | undefined) => (value === undefined ? null : nanoToUsd(value))
  return {
    dailyUsd: usd(limits.dailyNano),
    dailyNano: limits.dailyNano ?? null,
    weeklyUsd: usd(limits.weeklyNano),
    weeklyNano: limits.weeklyNano ?? null,
    monthlyUsd: usd(limits.monthlyNano),
    monthlyNano: limits.monthlyNano ?? null,
    totalUsd: usd(limits.totalNano),
    totalNano: limits.totalNano ?? null,
    requestsPerMinute: limits.requestsPerMinute ?? null,
    concurrency: limits.concurrency ?? null,
  }
}
