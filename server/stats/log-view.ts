import { z } from 'zod'
import type { LogView } from '#shared/types/api'
import type { Outcome } from '#shared/types/log'
import { nanoToUsd } from '#shared/utils/money'
import type { LogRow } from '../db/repos/logs'

const attempts = z.array(z.object({
  accountId: z.string(),
  accountName: z.string(),
  verdict: z.string(),
  status: z.number().nullable(),
  ms: z.number().nullable(),
  reason: z.string().nullable(),
}))

const costParts = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number(),
  cacheWrite5m: z.number(),
  cacheWrite1h: z.number(),
  webSearch: z.number(),
})

/** A row of the ledger as the API tells it. */
export function logView({ apiKeyId, outcome, attempts: attemptsJson, costParts: partsJson, ...row }: LogRow): LogView {
  return {
    ...row,
    keyId: apiKeyId,
    outcome: outcome as Outcome,
    attempts: attempts.parse(JSON.parse(attemptsJson)),
    costParts: partsJson === null ? null : costParts.parse(JSON.parse(partsJson)),
    costUsd: nanoToUsd(row.costNano),
    billedUsd: nanoToUsd(row.billedNano),
  }
}
