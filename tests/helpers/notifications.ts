import { createRepos } from '#server/db/repos/index'
import type { AccountRow } from '#server/db/repos/accounts'
import { createMemoryKv } from '#server/kv/memory'
import { newId } from '#server/lib/id'
import { createLogger } from '#server/lib/logger'
import { createOutbound } from '#server/lib/outbound'
import { createSealer } from '#server/lib/seal'
import { sealConfig } from '#server/notifications/config'
import { createNotifications } from '#server/notifications/index'
import { channelKinds } from '#server/notifications/kinds/index'
import { createSender } from '#server/notifications/sender'
import { openStore } from '#server/db/client'
import { sqliteWorkerUrl, openTestStore, type Dialect } from './store'

const timeZone = 'Asia/Shanghai'

/** A database with people, and two instances that watch it, with a clock that the test moves. */
export async function openWatch(dialect: Dialect) {
  const opened = await openTestStore(dialect)
  // Two processes can only share a MySQL database.
  const second = opened.mysqlUrl ? await openStore({ mysqlUrl: opened.mysqlUrl, sqliteFile: '', workerUrl: await sqliteWorkerUrl() }) : null
  const time = { now: Date.UTC(2026, 0, 5, 4) }
  const clock = { now: () => time.now }
  const logger = createLogger({ level: 'silent' })
  const sealer = createSealer({ current: 'a secret key that is long enough for tests' })
  const outbound = createOutbound()
  const kv = createMemoryKv({ clock })
  const repos = createRepos(opened.store)
  const tasks: string[] = ['logs:prune']

  const instances = [repos, second ? createRepos(second) : repos].map((own) => {
    const sender = createSender({ repos: own, sealer, clock, logger, outbound, kinds: channelKinds, mailer: null, timeZone, publicUrl: null })
    return createNotifications({ repos: own, kv, clock, logger, sender, timeZone, taskNames: () => tasks, journal: { pendingBytes: () => 0, thresholdBytes: 1, host: 'h' } })
  })
  const common = () => ({ createdAt: time.now, updatedAt: time.now })

  return {
    repos, time, instances, store: opened.store,
    /** A look and a round of deliveries of both instances at once. */
    async look(): Promise<void> {
      await Promise.all(instances.map(instance => instance.run()))
    },
    async user(username: string, given: { role?: 'admin' | 'user', locale?: string } = {}): Promise<string> {
      const id = newId()
      await repos.users.insert({ id, username, usernameKey: username, passwordHash: '', role: 'user', ...given, ...common() })
      return id
    },
    async group(ownerId: string, name = 'crew'): Promise<string> {
      const id = newId()
      await repos.groups.insert({ id, ownerId, name, ...common() })
      return id
    },
    async account(ownerId: string, groupId: string | null, given: Partial<AccountRow> = {}): Promise<string> {
      const id = newId()
      await repos.accounts.insert({
        id, ownerId, groupId, name: `account-${id.slice(-4)}`, platform: 'claude_console', credentials: 'sealed', options: '{}', models: '[]', modelMap: '{}', modelLimits: '{}', windows: '{}',
        stateSince: time.now, ...common(), ...given,
      })
      return id
    },
    async channel(ownerId: string, url: string, events: readonly string[]): Promise<string> {
      const id = newId()
      await repos.notificationChannels.insert({ id, ownerId, kind: 'webhook', name: 'hook', config: sealConfig(sealer, id, { url }), events: JSON.stringify(events), ...common() })
      return id
    },
    async key(ownerId: string, limits: Record<string, number>, name = 'laptop'): Promise<string> {
      const id = newId()
      await repos.apiKeys.insert({ id, ownerId, name, hash: newId(), prefix: 'sk-', lastFour: '0000', models: '[]', ipAllow: '[]', clients: '[]', limits: JSON.stringify(limits), lastUsedAt: time.now, ...common() })
      return id
    },
    /** Books spending of a key on a local day. */
    async spend(keyId: string, day: string, billedNano: number): Promise<void> {
      const { usageDaily } = opened.store.tables
      const row = { scope: 'key' as const, scopeId: keyId, day, billedNano }
      await opened.store.upsert(opened.store.db, usageDaily, row, [usageDaily.scope, usageDaily.scopeId, usageDaily.day], { billedNano: opened.store.incoming(usageDaily.billedNano) })
      await repos.apiKeys.touch([keyId], time.now)
    },
    async close(): Promise<void> {
      await outbound.close()
      await kv.close()
      await second?.close()
      await opened.drop()
    },
  }
}

export type Watch = Awaited<ReturnType<typeof openWatch>>
