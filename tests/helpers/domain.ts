import { readConfig } from '#server/config'
import { createRepos } from '#server/db/repos/index'
import { createMemoryKv } from '#server/kv/memory'
import { createChanges, type ChangeKind } from '#server/lib/changes'
import { newId } from '#server/lib/id'
import { createLogger } from '#server/lib/logger'
import { createSealer } from '#server/lib/seal'
import { createServices } from '#server/services'
import type { Actor } from '#server/users/actor'
import { fold } from '#server/users/fold'
import { openTestStore } from './store'

const START = Date.UTC(2026, 0, 5, 12)

/** The services over a database of their own, with a clock that the test moves. */
export async function openDomain(env: Record<string, string> = {}) {
  const opened = await openTestStore('sqlite')
  const time = { now: START }
  const clock = { now: () => time.now }
  const repos = createRepos(opened.store)
  const changes = createChanges()
  const emitted: [ChangeKind, string][] = []
  for (const kind of ['user', 'group', 'account', 'key'] as const) changes.on(kind, id => void emitted.push([kind, id]))
  const sealer = createSealer({ current: 'a secret key that is long enough for tests' })
  const kv = createMemoryKv({ clock })
  const config = readConfig(env)
  const services = createServices({ repos, kv, clock, sealer, changes, config, logger: createLogger({ level: 'silent' }) })

  /** A user without a usable password. */
  async function addUser(given: { username: string, role?: 'admin' | 'user', sharedPool?: boolean, passwordHash?: string }): Promise<Actor> {
    const { username, role = 'user', sharedPool = false, passwordHash = '' } = given
    const id = newId()
    await repos.users.insert({ id, username, usernameKey: fold(username), passwordHash, role, sharedPool, createdAt: time.now, updatedAt: time.now })
    return { id, username, role, sharedPool: sharedPool || role === 'admin', ip: '192.0.2.1' }
  }

  return {
    repos, services, sealer, changes, kv, clock, config, emitted, time, addUser,
    store: opened.store,
    /** What the audit log holds, oldest first. */
    audit: () => opened.store.db.select().from(opened.store.tables.auditLogs).orderBy(opened.store.tables.auditLogs.id),
    /** Everything that any table holds, as text: no secret may be in it. */
    async dump(): Promise<string> {
      const rows = await Promise.all(Object.values(opened.store.tables).map(table => opened.store.db.select().from(table)))
      return JSON.stringify(rows)
    },
    async close() {
      await kv.close()
      await opened.drop()
    },
  }
}

export type Domain = Awaited<ReturnType<typeof openDomain>>
