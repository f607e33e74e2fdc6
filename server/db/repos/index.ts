import type { Store } from '../store'
import { createAccountEventsRepo } from './account-events'
import { createAccountsRepo } from './accounts'
import { createApiKeysRepo } from './api-keys'
import { createApiLogsRepo } from './api-logs'
import { createAuditLogsRepo } from './audit-logs'
import { createChangesRepo } from './changes'
import { createCodesRepo } from './codes'
import { createCountsRepo } from './counts'
import { createGroupsRepo } from './groups'
import { createInstancesRepo } from './instances'
import { createInvitesRepo } from './invites'
import { createLeasesRepo } from './leases'
import { createLedgerRepo } from './ledger'
import { createLogsRepo } from './logs'
import { createNamesRepo } from './names'
import { createNotificationChannelsRepo } from './notification-channels'
import { createNotificationsRepo } from './notifications'
import { createPricesRepo } from './prices'
import { createPruneRepo } from './prune'
import { createRosterRepo } from './roster'
import { createSessionsRepo } from './sessions'
import { createSettingsRepo } from './settings'
import { createShareLinksRepo } from './share-links'
import { createSpendRepo } from './spend'
import { createTaskRunsRepo } from './task-runs'
import { createUnpricedRepo } from './unpriced'
import { createUsageRepo } from './usage'
import { createUsageCheckRepo } from './usage-check'
import { createUsageDaysRepo } from './usage-days'
import { createUsageRepairRepo } from './usage-repair'
import { createUsersRepo } from './users'

/** Every repo over one store. Inside `store.tx` their statements belong to the transaction. */
export function createRepos(store: Store) {
  const groups = createGroupsRepo(store)
  const accounts = createAccountsRepo(store)
  const apiKeys = createApiKeysRepo(store)
  const notificationChannels = createNotificationChannelsRepo(store)
  return {
    users: createUsersRepo(store),
    prune: createPruneRepo(store),
    sessions: createSessionsRepo(store),
    invites: createInvitesRepo(store),
    codes: createCodesRepo(store),
    roster: createRosterRepo(store, { groups, accounts, apiKeys, notificationChannels }),
    groups,
    accounts,
    accountEvents: createAccountEventsRepo(store),
    apiKeys,
    shareLinks: createShareLinksRepo(store),
    counts: createCountsRepo(store),
    logs: createLogsRepo(store),
    ledger: createLedgerRepo(store),
    unpriced: createUnpricedRepo(store),
    prices: createPricesRepo(store),
    spend: createSpendRepo(store),
    usage: createUsageRepo(store),
    names: createNamesRepo(store),
    usageCheck: createUsageCheckRepo(store),
    usageDays: createUsageDaysRepo(store),
    usageRepair: createUsageRepairRepo(store),
    apiLogs: createApiLogsRepo(store),
    auditLogs: createAuditLogsRepo(store),
    settings: createSettingsRepo(store),
    leases: createLeasesRepo(store),
    instances: createInstancesRepo(store),
    changes: createChangesRepo(store),
    taskRuns: createTaskRunsRepo(store),
    notificationChannels,
    notifications: createNotificationsRepo(store),
  }
}

export type Repos = ReturnType<typeof createRepos>
