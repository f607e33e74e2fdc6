import type { Repos } from '../db/repos/index'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { anyRecord, parseColumn, stringList } from '../lib/json-column'
import type { Logger } from '../lib/logger'
import type { GroupFacts, KeyFacts, OwnerFacts, Principal } from './principal'

/** Every key that may come, in memory, so that a known key needs no store trip. */
export interface KeyDirectory {
  load(): Promise<void>
  /** The principal of a key by the SHA-256 of its value; null when there is none. `ip` caps guessing. */
  find(hash: string, ip: string): Principal | null | Promise<Principal | null>
}

const NEGATIVE_MS = 2_000
/** Unknown keys that one address may have looked up in the database per {@link NEGATIVE_MS}. */
const LOOKUPS_PER_IP = 20
const MAX_REMEMBERED = 10_000

type Row<K extends 'users' | 'groups' | 'apiKeys'> = NonNullable<Awaited<ReturnType<Repos[K]['get']>>>

export function createKeyDirectory({ repos, changes, clock, logger }: { repos: Repos, changes: Changes, clock: Clock, logger: Logger }): KeyDirectory {
  const keys = new Map<string, KeyFacts>()
  const hashOf = new Map<string, string>()
  const owners = new Map<string, OwnerFacts>()
  const groups = new Map<string, GroupFacts>()
  const unknownUntil = new Map<string, number>()
  const lookups = new Map<string, { since: number, count: number }>()
  const running = new Map<string, Promise<Principal | null>>()

  function putKey(row: Row<'apiKeys'>): void {
    forgetKey(row.id)
    try {
      keys.set(row.hash, keyFacts(row))
      hashOf.set(row.id, row.hash)
      unknownUntil.delete(row.hash)
    }
    catch (error) {
      logger.error({ err: error, keyId: row.id }, 'an API key has settings that cannot be read and is refused')
    }
  }

  function forgetKey(id: string): void {
    keys.delete(hashOf.get(id) ?? '')
    hashOf.delete(id)
  }

  changes.on('key', async (id) => {
    const row = await repos.apiKeys.get(id)
    if (row) putKey(row)
    else forgetKey(id)
  })
  changes.on('user', async (id) => {
    const row = await repos.users.get(id)
    if (row) owners.set(id, ownerFacts(row))
    else owners.delete(id)
  })
  changes.on('group', async (id) => {
    const row = await repos.groups.get(id)
    if (row) groups.set(id, groupFacts(row))
    else groups.delete(id)
  })

  /** A deleted owner or group disables its keys. */
  function principalOf(key: KeyFacts): Principal {
    const owner = owners.get(key.ownerId) ?? { id: key.ownerId, username: '', role: 'user', enabled: false, sharedPool: false, locale: null }
    const group = key.groupId === null ? null : groups.get(key.groupId) ?? { id: key.groupId, name: '', ownerId: key.ownerId, enabled: false, multiplierBp: 10_000, priceBy: 'asked' }
    return { key, owner, group }
  }

  function mayLookUp(ip: string, now: number): boolean {
    const seen = lookups.get(ip)
    if (!seen || now - seen.since >= NEGATIVE_MS) {
      if (lookups.size >= MAX_REMEMBERED) lookups.clear()
      lookups.set(ip, { since: now, count: 1 })
      return true
    }
    return ++seen.count <= LOOKUPS_PER_IP
  }

  async function lookUp(hash: string): Promise<Principal | null> {
    const row = await repos.apiKeys.findByHash(hash)
    if (!row) {
      if (unknownUntil.size >= MAX_REMEMBERED) unknownUntil.clear()
      unknownUntil.set(hash, clock.now() + NEGATIVE_MS)
      return null
    }
    const [owner, group] = await Promise.all([repos.users.get(row.ownerId), row.groupId === null ? null : repos.groups.get(row.groupId)])
    if (owner) owners.set(owner.id, ownerFacts(owner))
    if (group) groups.set(group.id, groupFacts(group))
    putKey(row)
    const key = keys.get(hash)
    return key ? principalOf(key) : null
  }

  return {
    async load() {
      const [keyRows, userRows, groupRows] = await Promise.all([repos.apiKeys.all(), repos.users.all(), repos.groups.all()])
      for (const row of userRows) owners.set(row.id, ownerFacts(row))
      for (const row of groupRows) groups.set(row.id, groupFacts(row))
      for (const row of keyRows) putKey(row)
    },
    find(hash, ip) {
      const key = keys.get(hash)
      if (key) return principalOf(key)
      const now = clock.now()
      if ((unknownUntil.get(hash) ?? 0) > now) return null
      const under = running.get(hash)
      if (under) return under
      if (!mayLookUp(ip, now)) return null
      const promise = lookUp(hash).finally(() => running.delete(hash))
      running.set(hash, promise)
      return promise
    },
  }
}

const ownerFacts = ({ id, username, role, enabled, sharedPool, locale }: Row<'users'>): OwnerFacts => ({ id, username, role, enabled, sharedPool, locale })

const groupFacts = ({ id, name, ownerId, enabled, multiplierBp, priceBy }: Row<'groups'>): GroupFacts => ({ id, name, ownerId, enabled, multiplierBp, priceBy })

function keyFacts(row: Row<'apiKeys'>): KeyFacts {
  const { id, name, ownerId, groupId, enabled, expiresAt, expiresInDays } = row
  return {
    id, name, ownerId, groupId, enabled, expiresAt, expiresInDays,
    models: parseColumn(stringList, row.models, 'api_keys.models'),
    ipAllow: parseColumn(stringList, row.ipAllow, 'api_keys.ip_allow'),
    clients: parseColumn(stringList, row.clients, 'api_keys.clients'),
    limits: parseColumn(anyRecord, row.limits, 'api_keys.limits'),
  }
}
