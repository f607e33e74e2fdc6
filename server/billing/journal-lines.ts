import { z } from 'zod'
import { outcomes, type ClosedRequest, type OpenedRequest, type PricingTerms } from '#shared/types/log'
import type { CostParts, Usage } from '#shared/types/usage'

export const listTerms: PricingTerms = { multiplierBp: 10_000, priceBy: 'asked' }

export interface UsageNote {
  requestId: string
  /** When it was seen, epoch-ms. */
  at: number
  usage: Usage
  servedModel: string | null
}

export type JournalLine
  = | { kind: 'opened', request: OpenedRequest, terms: PricingTerms }
    | { kind: 'usage', note: UsageNote }
    | { kind: 'closed', row: ClosedRequest }

/** The terms are kept with `opened`, so that a request cut by a crash is priced as it would have been. */
export const openedLine = (request: OpenedRequest, terms: PricingTerms): string => line('opened', { ...request, ...terms })
export const usageLine = ({ requestId, at, usage, servedModel }: UsageNote): string => line('usage', { requestId, at, servedModel, ...usage })
export const closedLine = (row: ClosedRequest): string => line('closed', row)

/** Kind and id stand first, for {@link headOf}; the id is inside `fields` once more, which spares a copy of them. */
const line = <T extends { requestId: string }>(kind: JournalLine['kind'], fields: T): string =>
  `{"kind":"${kind}","requestId":${JSON.stringify(fields.requestId)},${JSON.stringify(fields).slice(1)}\n`

const HEAD = /^\{"kind":"(opened|usage|closed)","requestId":"([^"\\]+)",/

/** What a line is about, without parsing it; null when it is none of ours. The rest of the line may be torn. */
export function headOf(raw: string): { kind: JournalLine['kind'], requestId: string } | null {
  const [, kind, requestId] = HEAD.exec(raw) ?? []
  return kind && requestId ? { kind: kind as JournalLine['kind'], requestId } : null
}

const text = z.string().nullable().default(null)
const count = z.number().int().default(0)
const ms = z.number().int()

const usageShape = {
  inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWrite5mTokens: count, cacheWrite1hTokens: count,
  thinkingTokens: count, webSearches: count, serviceTier: text, speed: text, inferenceGeo: text,
}

const openedShape = {
  requestId: z.string().min(1), startedAt: ms,
  userId: text, userName: text, apiKeyId: text, keyName: text, groupId: text, groupName: text,
  accountId: text, accountName: text, platform: text, model: text, stream: z.boolean().default(false),
  clientVersion: text, sessionId: text, agentId: text, ip: text,
}

const costParts: z.ZodType<CostParts> = z.object({
  input: count, output: count, cacheRead: count, cacheWrite5m: count, cacheWrite1h: count, webSearch: count,
})

const attempt = z.object({
  accountId: z.string(), accountName: z.string(), verdict: z.string(),
  status: z.number().nullable().default(null), ms: z.number().nullable().default(null), reason: text,
})

const terms = {
  multiplierBp: z.number().int().min(0).default(listTerms.multiplierBp),
  priceBy: z.enum(['asked', 'served']).default(listTerms.priceBy),
}

/** Fields that later versions add are dropped, fields that earlier ones lacked get a neutral value. */
const schemas = {
  opened: z.object({ ...openedShape, ...terms }),
  usage: z.object({ requestId: z.string().min(1), at: ms, servedModel: text, ...usageShape }),
  closed: z.object({
    ...openedShape, ...usageShape, ...terms,
    upstreamRequestId: text, createdAt: ms, servedModel: text, status: z.number().int(), outcome: z.enum(outcomes),
    errorType: text, errorMessage: text, usageComplete: z.boolean().default(false), stopReason: text,
    priced: z.boolean().default(false), priceVersion: text, costParts: costParts.nullable().default(null), costNano: count, billedNano: count,
    ttfbMs: z.number().nullable().default(null), durationMs: z.number().default(0), attempts: z.array(attempt).default([]),
  }),
}

/** Reads one line; null when it is torn or not understood. */
export function readLine(raw: string): JournalLine | null {
  const fields = parsed(raw)
  const kind = fields?.kind
  if (kind === 'closed') {
    const row = schemas.closed.safeParse(fields)
    return row.success ? { kind, row: row.data } : null
  }
  if (kind === 'opened') {
    const opened = schemas.opened.safeParse(fields)
    if (!opened.success) return null
    const { multiplierBp, priceBy, ...request } = opened.data
    return { kind, request, terms: { multiplierBp, priceBy } }
  }
  const note = kind === 'usage' ? schemas.usage.safeParse(fields) : null
  if (!note?.success) return null
  const { requestId, at, servedModel, ...usage } = note.data
  return { kind: 'usage', note: { requestId, at, servedModel, usage } }
}

/** Is the line whole? */
export const isWhole = (raw: string): boolean => parsed(raw) !== null

function parsed(raw: string): { kind?: unknown } | null {
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'object' && value !== null ? value : null
  }
  catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
