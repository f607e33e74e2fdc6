import kit from './kit.mysql'
import { defineSchema } from './schema/index'

export const {
  users, sessions, invites, codes,
  groups, accounts, accountEvents,
  apiKeys, shareLinks,
  logs, unpriced, journalCursors, usageHourly, usageDaily, usageSessions,
  apiLogs, auditLogs, prices, settings, notificationChannels, notifications, taskRuns, instances, changes, leases,
} = defineSchema(kit)
