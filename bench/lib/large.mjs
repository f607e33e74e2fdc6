import { seedHistory } from './history.mjs'
import { copyRows, seededRelay, withDatabase } from './seed.mjs'

export const consolePages = [
  '/dashboard', '/accounts', '/groups', '/keys', '/logs', '/stats', '/notifications', '/profile', '/admin/users', '/admin/invites', '/admin/prices',
  '/admin/audit', '/admin/api-logs', '/admin/settings', '/admin/system',
]
export const publicPages = ['/', '/login', '/register', '/reset-password', '/help', '/help/setup', '/help/errors', '/stats/api-key', '/status', '/api-reference']

/**
 * A running relay with 10,000 keys, 1,000 accounts and 1,000,000 requests (a twentieth of keys and accounts, a fifth of the requests when
 * quick), its status page on. Takes minutes.
 * @type {(bench: import('./bench.mjs').Bench) => Promise<import('../relay.mjs').Relay>}
 */
export async function largeInstallation(bench) {
  const size = bench.quick ? { keys: 500, accounts: 50, logs: 200_000 } : { keys: 10_000, accounts: 1_000, logs: 1_000_000 }
  const { relay } = await seededRelay(bench, (dataDir, owner) => {
    seedHistory(dataDir, size.logs, 30, owner)
    withDatabase(dataDir, (db) => {
      copyRows(db, 'accounts', owner.accountId, size.accounts - 1, n => ({ id: `account${n}`, name: `account ${n}` }))
      copyRows(db, 'api_keys', owner.keyId, size.keys - 1, n => ({ id: `key${n}`, name: `key ${n}`, hash: `hash of key ${n}` }))
      db.exec('analyze')
    })
  })
  await relay.api('PATCH', '/api/admin/settings', { statusPage: { shown: true } })
  return relay
}
