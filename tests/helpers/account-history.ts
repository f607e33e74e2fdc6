import { join } from 'node:path'
import { createRepos } from '#server/db/repos/index'
import { openStore } from '#server/db/client'
import { sqliteWorkerUrl } from './store'

/** What a stopped server's database tells of an account: from, to, reason, oldest first. */
export async function readAccountHistory(dataDir: string, accountId: string): Promise<[from: string, to: string, reason: string | null][]> {
  const store = await openStore({ mysqlUrl: null, sqliteFile: join(dataDir, 'relay.db'), workerUrl: await sqliteWorkerUrl() })
  try {
    const events = await createRepos(store).accountEvents.list(accountId, 100)
    return events.reverse().map(({ fromState, toState, reason }) => [fromState, toState, reason])
  }
  finally {
    await store.close()
  }
}
