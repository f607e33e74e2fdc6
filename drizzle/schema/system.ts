import type { Kit } from '../kit.sqlite'

/** How the installation runs itself: audit, settings, tasks, instances. */
export function defineSystem(k: Kit) {
  const apiLogs = k.table('api_logs', {
    id: k.id().primaryKey(),
    createdAt: k.time().notNull(),
    userId: k.id(),
    method: k.id(10).notNull(),
    path: k.name(500).notNull(),
    status: k.int().notNull(),
    durationMs: k.int().notNull(),
    ip: k.id(64),
    userAgent: k.name(255),
    errorCode: k.id(64),
  }, t => [k.index('api_logs_created_idx').on(t.createdAt), k.index('api_logs_user_idx').on(t.userId, t.createdAt)])

  const auditLogs = k.table('audit_logs', {
    id: k.id().primaryKey(),
    createdAt: k.time().notNull(),
    userId: k.id(),
    userName: k.name(64),
    action: k.id(64).notNull(),
    targetType: k.id(32).notNull(),
    targetId: k.id(),
    targetName: k.name(100),
    /** JSON, without secrets. */
    before: k.text(),
    after: k.text(),
    ip: k.id(64),
  }, t => [
    k.index('audit_logs_created_idx').on(t.createdAt),
    k.index('audit_logs_target_idx').on(t.targetType, t.targetId),
    k.index('audit_logs_user_idx').on(t.userId, t.createdAt),
    k.index('audit_logs_action_idx').on(t.action, t.createdAt),
  ])

  /** Every price that was ever in force: a change ends one row and adds another. */
  const prices = k.table('prices', {
    id: k.id().primaryKey(),
    /** Exact model name or pattern with `*`. */
    model: k.name(200).notNull(),
    /** JSON: pico-USD per token by kind. */
    price: k.text().notNull(),
    kind: k.id(16).$type<'builtin' | 'own' | 'import'>().notNull().default('own'),
    /** Of an import: the file or address it came from. */
    source: k.name(200),
    /** What log rows keep as their price version. */
    version: k.id(64).notNull(),
    createdBy: k.id(),
    createdAt: k.time().notNull(),
    deletedAt: k.time(),
    deletedBy: k.id(),
  }, t => [k.index('prices_model_idx').on(t.model), k.index('prices_version_idx').on(t.version)])

  const settings = k.table('settings', {
    key: k.id(100).primaryKey(),
    value: k.text().notNull(),
    updatedBy: k.id(),
    updatedAt: k.time().notNull(),
  })

  const notificationChannels = k.table('notification_channels', {
    id: k.id().primaryKey(),
    ownerId: k.id().notNull(),
    kind: k.id(32).notNull(),
    name: k.name(100).notNull(),
    /** Sealed JSON. */
    config: k.text().notNull(),
    /** JSON Record<field, text>: what may be shown of the config. */
    shown: k.text(),
    /** JSON string[]. */
    events: k.text().notNull(),
    enabled: k.flag().notNull().default(true),
    lastSuccessAt: k.time(),
    lastErrorAt: k.time(),
    lastErrorReason: k.id(32),
    lastError: k.name(500),
    createdAt: k.time().notNull(),
    updatedAt: k.time().notNull(),
    deletedAt: k.time(),
  }, t => [k.index('notification_channels_owner_idx').on(t.ownerId)])

  /** One row per message: what is to be sent, and the memory of what was, so that nothing is told twice. */
  const notifications = k.table('notifications', {
    id: k.id().primaryKey(),
    channelId: k.id().notNull(),
    event: k.id(32).notNull(),
    /** What it is about, e.g. `account:<id>`. */
    subject: k.id(120).notNull(),
    /** `open` while the condition lasts, a period, or what else makes it another occasion. */
    episode: k.id(64).notNull(),
    /** JSON: facts that the message is written from at sending. */
    facts: k.text().notNull(),
    status: k.id(16).$type<'waiting' | 'sending' | 'sent' | 'failed' | 'dropped'>().notNull(),
    attempts: k.int().notNull().default(0),
    /** Next attempt; while sending, when others may take it over. */
    dueAt: k.time().notNull(),
    createdAt: k.time().notNull(),
    endedAt: k.time(),
  }, t => [
    k.uniqueIndex('notifications_once_idx').on(t.channelId, t.event, t.subject, t.episode),
    k.index('notifications_due_idx').on(t.status, t.dueAt),
    k.index('notifications_episode_idx').on(t.episode),
    k.index('notifications_created_idx').on(t.createdAt),
  ])

  const taskRuns = k.table('task_runs', {
    id: k.id().primaryKey(),
    task: k.id(64).notNull(),
    instanceId: k.id().notNull(),
    startedAt: k.time().notNull(),
    endedAt: k.time(),
    outcome: k.id(16),
    result: k.text(),
  }, t => [k.index('task_runs_task_idx').on(t.task, t.startedAt)])

  const instances = k.table('instances', {
    id: k.id().primaryKey(),
    host: k.name(255).notNull(),
    pid: k.int().notNull(),
    version: k.id(32).notNull(),
    startedAt: k.time().notNull(),
    heartbeatAt: k.time().notNull(),
    stoppedAt: k.time(),
  })

  const changes = k.table('changes', {
    id: k.id().primaryKey(),
    at: k.time().notNull(),
    kind: k.id(32).notNull(),
    refId: k.id().notNull(),
  }, t => [k.index('changes_at_idx').on(t.at)])

  /** Locks of the database for installations without Redis. */
  const leases = k.table('leases', {
    name: k.id(100).primaryKey(),
    holder: k.id().notNull(),
    expiresAt: k.time().notNull(),
  })

  return { apiLogs, auditLogs, prices, settings, notificationChannels, notifications, taskRuns, instances, changes, leases }
}
