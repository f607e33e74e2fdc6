import { createPriceDirectory } from '#server/billing/price-directory'
import { createRepricer } from '#server/billing/reprice'
import { createAccountDirectory } from '#server/accounts/directory'
import { createAccountStates } from '#server/accounts/states'
import { readConfig } from '#server/config'
import { createRepos } from '#server/db/repos/index'
import { createKeyDirectory } from '#server/keys/directory'
import { createMemoryKv } from '#server/kv/memory'
import { createChanges, type ChangeKind } from '#server/lib/changes'
import { newId } from '#server/lib/id'
import { createLogger } from '#server/lib/logger'
import { createMailer } from '#server/lib/mailer'
import { createOutbound } from '#server/lib/outbound'
import { createSealer } from '#server/lib/seal'
import { channelKinds } from '#server/notifications/kinds/index'
import { createSender } from '#server/notifications/sender'
import { createMissingModels } from '#server/scheduler/missing-models'
import { createRooms } from '#server/scheduler/rooms'
import type { Call } from '#server/relay/call'
import { createServices } from '#server/services'
import { createSettings } from '#server/settings/service'
import type { Actor } from '#server/users/actor'
import { createAudit } from '#server/users/audit'
import { fold } from '#server/users/fold'
import { openTestStore } from './store'

const START = Date.UTC(2026, 0, 5, 12)

const unexpectedCall: Call = request => Promise.reject(new Error(`nobody expected a call of ${request.origin}${request.path}`))

/** The services over a database of their own, with a clock that the test moves. */
export async function openDomain(env: Record<string, string> = {}, call: Call = unexpectedCall) {
  const opened = await openTestStore('sqlite')
  const time = { now: START }
  const clock = { now: () => time.now }
  const repos = createRepos(opened.store)
  const changes = createChanges()
  const emitted: [ChangeKind, string][] = []
  for (const kind of ['user', 'group', 'account', 'key', 'price'] as const) changes.on(kind, id => void emitted.push([kind, id]))
  const sealer = createSealer({ current: 'a secret key that is long enough for tests' })
  const kv = createMemoryKv({ clock })
  const config = readConfig(env)
  const logger = createLogger({ level: 'silent' })
  const prices = createPriceDirectory({ prices: repos.prices, changes, clock, logger })
  await prices.load()
  const repricer = createRepricer({ unpriced: repos.unpriced, prices, clock, timeZone: 'UTC', logger })
  const repriced = { asked: 0 }
  const outbound = createOutbound()
  const sender = createSender({
    repos, sealer, clock, logger, outbound, kinds: channelKinds, mailer: config.smtp && createMailer(config.smtp), timeZone: config.timeZone, publicUrl: config.PUBLIC_URL ?? null,
  })
  const states = createAccountStates({ repos, clock, logger, announce: async () => {} })
  const pool = createAccountDirectory({ repos, changes, sealer, logger, states, pending: { of: () => undefined }, baseUrls: {} })
  const keys = createKeyDirectory({ repos, changes, clock, logger, firstUse: { note: () => {} }, onCostLimit: () => {} })
  const rooms = createRooms({ kv, clock, logger })
  const missing = createMissingModels(clock)
  const settings = createSettings({
    repos, changes, clock, audit: createAudit({ repos, clock }),
    given: { logMonths: config.LOG_RETENTION_MONTHS ?? null, timeZone: config.timeZone, publicUrl: config.PUBLIC_URL ?? null, mail: config.smtp !== null, demo: null },
  })
  await settings.load()
  const services = createServices({ repos, kv, clock, sealer, changes, config, settings, logger, sender, prices, outbound, codeKey: 'a key for codes', repriceSoon: () => void repriced.asked++, pool, keys, rooms, missing, inFlight: { of: rooms.inFlight }, running: id => (id === undefined ? 3 : 1), call })

  /** A user without a usable password. */
  async function addUser(given: { username: string, role?: 'admin' | 'user', sharedPool?: boolean, passwordHash?: string, locale?: string, email?: string }): Promise<Actor> {
    const { username, role = 'user', sharedPool = false, passwordHash = '', locale = null, email = null } = given
    const id = newId()
    await repos.users.insert({ id, username, usernameKey: fold(username), passwordHash, role, sharedPool, locale, email, emailKey: email && fold(email), createdAt: time.now, updatedAt: time.now })
    return { id, username, role, sharedPool: sharedPool || role === 'admin', ip: '192.0.2.1' }
  }

  return {
    repos, services, sender, logger, sealer, changes, kv, clock, config, emitted, time, addUser, prices, repricer, repriced, pool, rooms, missing, states,
    store: opened.store,
    /** What the audit log holds, oldest first. */
    audit: () => opened.store.db.select().from(opened.store.tables.auditLogs).orderBy(opened.store.tables.auditLogs.id),
    /** Everything that any table holds, as text: no secret may be in it. */
    async dump(): Promise<string> {
      const rows = await Promise.all(Object.values(opened.store.tables).map(table => opened.store.db.select().from(table)))
      return JSON.stringify(rows)
    },
    async close() {
      await outbound.close()
      rooms.stop()
      await states.stop()
      await kv.close()
      await opened.drop()
    },
  }
}

export type Domain = Awaited<ReturnType<typeof openDomain>>
