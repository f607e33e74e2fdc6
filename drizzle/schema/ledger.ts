import type { Kit } from '../kit.sqlite'

/** What was used: one row per message request, and the roll-ups booked with it. */
export function defineLedger(k: Kit) {
  const usage = () => ({
    requests: k.big().notNull().default(0),
    errors: k.big().notNull().default(0),
    inputTokens: k.big().notNull().default(0),
    outputTokens: k.big().notNull().default(0),
    cacheReadTokens: k.big().notNull().default(0),
    cacheWrite5mTokens: k.big().notNull().default(0),
    cacheWrite1hTokens: k.big().notNull().default(0),
    costNano: k.big().notNull().default(0),
    billedNano: k.big().notNull().default(0),
    /** Of costNano; each request's parts rounded one by one. */
    costInputNano: k.big().notNull().default(0),
    costOutputNano: k.big().notNull().default(0),
    costCacheReadNano: k.big().notNull().default(0),
    costCacheWriteNano: k.big().notNull().default(0),
    costWebSearchNano: k.big().notNull().default(0),
    ttfbMsSum: k.big().notNull().default(0),
    ttfbCount: k.big().notNull().default(0),
    durationMsSum: k.big().notNull().default(0),
  })

  const logs = k.table('logs', {
    requestId: k.id().primaryKey(),
    upstreamRequestId: k.name(128),
    /** Settle time; startedAt is the arrival. */
    createdAt: k.time().notNull(),
    startedAt: k.time().notNull(),
    userId: k.id(),
    userName: k.name(64),
    apiKeyId: k.id(),
    keyName: k.name(100),
    groupId: k.id(),
    groupName: k.name(100),
    accountId: k.id(),
    accountName: k.name(100),
    platform: k.id(32),
    model: k.name(200),
    servedModel: k.name(200),
    stream: k.flag().notNull(),
    /** What the client got. */
    status: k.int().notNull(),
    outcome: k.id(20).notNull(),
    errorType: k.name(64),
    errorMessage: k.name(300),
    usageComplete: k.flag().notNull(),
    inputTokens: k.big().notNull().default(0),
    outputTokens: k.big().notNull().default(0),
    cacheReadTokens: k.big().notNull().default(0),
    cacheWrite5mTokens: k.big().notNull().default(0),
    cacheWrite1hTokens: k.big().notNull().default(0),
    thinkingTokens: k.big().notNull().default(0),
    webSearches: k.int().notNull().default(0),
    serviceTier: k.name(32),
    speed: k.name(32),
    inferenceGeo: k.name(32),
    stopReason: k.name(64),
    priced: k.flag().notNull(),
    priceVersion: k.id(64),
    /** The group's terms when the request came; see groups. */
    multiplierBp: k.int().notNull().default(10_000),
    priceBy: k.id(8).$type<'asked' | 'served'>().notNull().default('asked'),
    /** Set when a model that had no price got one: the price version before, and when that was. */
    priceVersionBefore: k.id(64),
    repricedAt: k.time(),
    /** JSON: pico-USD per part, exact. */
    costParts: k.text(),
    costNano: k.big().notNull().default(0),
    billedNano: k.big().notNull().default(0),
    ttfbMs: k.int(),
    durationMs: k.int().notNull(),
    /** JSON: every attempt and every skipped account. */
    attempts: k.text().notNull(),
    clientVersion: k.name(128),
    sessionId: k.name(128),
    agentId: k.name(128),
    ip: k.id(64),
  }, t => [
    k.index('logs_created_idx').on(t.createdAt),
    k.index('logs_key_created_idx').on(t.apiKeyId, t.createdAt),
    k.index('logs_account_created_idx').on(t.accountId, t.createdAt),
    k.index('logs_user_created_idx').on(t.userId, t.createdAt),
    k.index('logs_session_created_idx').on(t.sessionId, t.createdAt),
    k.index('logs_upstream_request_idx').on(t.upstreamRequestId),
  ])

  /** Log rows that used something and have no price yet. */
  const unpriced = k.table('unpriced', {
    requestId: k.id().primaryKey(),
    /** The name that is looked up in the price book. */
    model: k.name(200).notNull(),
    tokens: k.big().notNull(),
    createdAt: k.time().notNull(),
  }, t => [k.index('unpriced_model_idx').on(t.model, t.requestId)])

  const journalCursors = k.table('journal_cursors', {
    file: k.id(120).primaryKey(),
    /** Bytes of the file already booked. */
    offset: k.big().notNull(),
    updatedAt: k.time().notNull(),
  })

  const usageHourly = k.table('usage_hourly', {
    /** Start of the UTC hour, epoch milliseconds. */
    hour: k.time().notNull(),
    userId: k.id().notNull(),
    apiKeyId: k.id().notNull(),
    accountId: k.id().notNull(),
    model: k.name(200).notNull(),
    ...usage(),
  }, t => [
    k.primaryKey({ columns: [t.hour, t.userId, t.apiKeyId, t.accountId, t.model] }),
    k.index('usage_hourly_key_idx').on(t.apiKeyId, t.hour),
    k.index('usage_hourly_account_idx').on(t.accountId, t.hour),
    k.index('usage_hourly_user_idx').on(t.userId, t.hour),
  ])

  const usageDaily = k.table('usage_daily', {
    scope: k.id(16).$type<'all' | 'user' | 'key' | 'account' | 'group'>().notNull(),
    scopeId: k.id().notNull(),
    /** Local date of the configured zone, YYYY-MM-DD. */
    day: k.id(10).notNull(),
    ...usage(),
  }, t => [k.primaryKey({ columns: [t.scope, t.scopeId, t.day] }), k.index('usage_daily_day_idx').on(t.day)])

  const usageSessions = k.table('usage_sessions', {
    apiKeyId: k.id().notNull(),
    sessionId: k.name(128).notNull(),
    /** Empty for the main loop. */
    agentId: k.name(128).notNull(),
    userId: k.id().notNull(),
    firstAt: k.time().notNull(),
    lastAt: k.time().notNull(),
    ...usage(),
  }, t => [
    k.primaryKey({ columns: [t.apiKeyId, t.sessionId, t.agentId] }),
    k.index('usage_sessions_user_idx').on(t.userId, t.lastAt),
    k.index('usage_sessions_last_idx').on(t.lastAt),
  ])

  return { logs, unpriced, journalCursors, usageHourly, usageDaily, usageSessions }
}
