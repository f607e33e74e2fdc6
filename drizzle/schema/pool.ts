import type { Kit } from '../kit.sqlite'

/** The pool: groups, upstream accounts and the history of their states. */
export function definePool(k: Kit) {
  const groups = k.table('groups', {
    id: k.id().primaryKey(),
    ownerId: k.id().notNull(),
    name: k.name(100).notNull(),
    remark: k.name(500),
    enabled: k.flag().notNull().default(true),
    /** Billed cost = list cost × multiplier / 10,000. */
    multiplierBp: k.int().notNull().default(10_000),
    priceBy: k.id(8).$type<'asked' | 'served'>().notNull().default('asked'),
    createdAt: k.time().notNull(),
    updatedAt: k.time().notNull(),
    deletedAt: k.time(),
  }, t => [k.index('groups_owner_idx').on(t.ownerId)])

  const accounts = k.table('accounts', {
    id: k.id().primaryKey(),
    ownerId: k.id().notNull(),
    /** No group: the shared pool. */
    groupId: k.id(),
    name: k.name(100).notNull(),
    platform: k.id(32).notNull(),
    baseUrl: k.name(500),
    /** Sealed JSON; never leaves the server. */
    credentials: k.text().notNull(),
    /** Last characters of the secret, for people to recognise it. */
    credentialsHint: k.name(16),
    /** Sealed URL of the outbound proxy. */
    proxyUrl: k.text(),
    proxyHint: k.name(255),
    /** JSON: settings of the platform. */
    options: k.text().notNull(),
    enabled: k.flag().notNull().default(true),
    priority: k.int().notNull().default(100),
    weight: k.int().notNull().default(100),
    /** 0 = no cap. */
    maxConcurrency: k.int().notNull().default(0),
    /** JSON string[]; empty = all. */
    models: k.text().notNull(),
    /** JSON Record<asked, upstream>. */
    modelMap: k.text().notNull(),
    dailyLimitNano: k.big(),
    stateName: k.id(16).$type<'normal' | 'limited' | 'cooling' | 'abnormal'>().notNull().default('normal'),
    stateReason: k.id(64),
    stateEvidence: k.name(500),
    stateSince: k.time().notNull(),
    stateUntil: k.time(),
    stateNextProbe: k.time(),
    stateFailures: k.int().notNull().default(0),
    /** JSON: limits of single model families. */
    modelLimits: k.text().notNull(),
    /** JSON: usage windows read from the upstream's headers. */
    windows: k.text().notNull(),
    tokenGeneration: k.int().notNull().default(0),
    tokenExpiresAt: k.time(),
    lastUsedAt: k.time(),
    createdAt: k.time().notNull(),
    updatedAt: k.time().notNull(),
    deletedAt: k.time(),
  }, t => [k.index('accounts_owner_idx').on(t.ownerId), k.index('accounts_group_idx').on(t.groupId)])

  const accountEvents = k.table('account_events', {
    id: k.id().primaryKey(),
    accountId: k.id().notNull(),
    at: k.time().notNull(),
    fromState: k.id(16).notNull(),
    toState: k.id(16).notNull(),
    reason: k.id(64),
    evidence: k.name(500),
    until: k.time(),
    /** User id when a person did it. */
    byUserId: k.id(),
  }, t => [k.index('account_events_account_idx').on(t.accountId, t.at)])

  return { groups, accounts, accountEvents }
}
