import type { Store } from '../store'
import { createAccountEventsRepo } from './account-events'
import { createAccountsRepo } from './accounts'
import { createApiKeysRepo } from './api-keys'
import { createApiLogsRepo } from './api-logs'
import { createAuditLogsRepo } from './audit-logs'
import { createChangesRepo } from './changes'
import { createGroupsRepo } from './groups'
import { createInstancesRepo } from './instances'
import { createLeasesRepo } from './leases'
import { createLedgerRepo } from './ledger'
import { createLogsRepo } from './logs'
import { createPruneRepo } from './prune'
import { createSessionsRepo } from './sessions'
import { createSettingsRepo } from './settings'
import { createTaskRunsRepo } from './task-runs'
import { createUsersRepo } from './users'

/** Every repo over one store. Inside `store.tx` their statements belong to the transaction. */
export function createRepos(store: Store) {
  return {
    users: createUsersRepo(store),
    prune: createPruneRepo(store),
    sessions: createSessionsRepo(store),
    groups: createGroupsRepo(store),
    accounts: createAccountsRepo(store),
    accountEvents: createAccountEventsRepo(store),
    apiKeys: createApiKeysRepo(store),
    logs: createLogsRepo(store),
    ledger: createLedgerRepo(store),
    apiLogs: createApiLogsRepo(store),
    auditLogs: createAuditLogsRepo(store),
    settings: createSettingsRepo(store),
    leases: createLeasesRepo(store),
    instances: createInstancesRepo(store),
    changes: createChangesRepo(store),
    taskRuns: createTaskRunsRepo(store),
  }
}

export type Repos = ReturnType<typeof createRepos>
