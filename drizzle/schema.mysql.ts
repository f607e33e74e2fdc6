import kit from './kit.mysql'
import { defineSchema } from './schema/index'

export const {
  users, sessions, invites, codes,
  groups, accounts, accountEvents,
  apiKeys, shareLinks,
  logs, journalCursors, usageHourly, usageDaily, usageSessions,
  apiLogs, auditLogs, prices, settings, notificationChannels, taskRuns, instances, changes, leases,
} = defineSchema(kit)
