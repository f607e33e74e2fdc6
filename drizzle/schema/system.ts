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
  }, t => [k.index('api_logs_created_idx').on(t.createdAt)])

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
  }, t => [k.index('audit_logs_created_idx').on(t.createdAt), k.index('audit_logs_target_idx').on(t.targetType, t.targetId)])

  const prices = k.table('prices', {
    id: k.id().primaryKey(),
    /** Exact model name or pattern with `*`. */
    model: k.name(200).notNull(),
    /** JSON: pico-USD per token by kind. */
    price: k.text().notNull(),
    source: k.name(200),
    version: k.id(64).notNull(),
    createdBy: k.id(),
    createdAt: k.time().notNull(),
    deletedAt: k.time(),
  }, t => [k.index('prices_model_idx').on(t.model)])

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
    events: k.text().notNull(),
    enabled: k.flag().notNull().default(true),
    createdAt: k.time().notNull(),
    updatedAt: k.time().notNull(),
    deletedAt: k.time(),
  }, t => [k.index('notification_channels_owner_idx').on(t.ownerId)])

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

  return { apiLogs, auditLogs, prices, settings, notificationChannels, taskRuns, instances, changes, leases }
}
