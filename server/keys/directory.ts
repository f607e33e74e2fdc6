import type { Repos } from '../db/repos/index'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { anyRecord, parseColumn, stringList } from '../lib/json-column'
import type { Logger } from '../lib/logger'
import { brokenLimits } from '../limits/index'
import type { FirstUse } from './first-use'
import type { GroupFacts, KeyFacts, OwnerFacts, Principal } from './principal'
import { WrongKeys } from './wrong-keys'

/** Every key that may come, in memory, so that a known key needs no store trip. */
export interface KeyDirectory {
  load(): Promise<void>
  /** The principal of a key that is in memory, by its id. */
  get(keyId: string): Principal | null
  /** The principal of a key by the SHA-256 of its value; null when there is none. `ip` caps guessing. */
  find(hash: string, ip: string): Principal | null | Promise<Principal | null>
  /** Milliseconds for which no unknown key from this address is looked up; 0 = none. */
  throttledMs(ip: string): number
  /** A request with a key that was never used has been let in. */
  used(key: KeyFacts): void
}

const NEGATIVE_MS = 2_000
const MAX_REMEMBERED = 10_000

type Row<K extends 'users' | 'groups' | 'apiKeys'> = NonNullable<Awaited<ReturnType<Repos[K]['get']>>>

export interface KeyDirectoryDeps {
  repos: Repos
  changes: Changes
  clock: Clock
  logger: Logger
  firstUse: Pick<FirstUse, 'note'>
  /** Hears whether a key has a cost limit, of each key and after each change. */
  onCostLimit(id: string, isLimited: boolean, atStart: boolean): void
}

export function createKeyDirectory({ repos, changes, clock, logger, firstUse, onCostLimit }: KeyDirectoryDeps): KeyDirectory {
  const keys = new Map<string, KeyFacts>()
  const hashOf = new Map<string, string>()
  const owners = new Map<string, OwnerFacts>()
  const groups = new Map<string, GroupFacts>()
  const unknownUntil = new Map<string, number>()
  const wrong = new WrongKeys(clock)
  const running = new Map<string, Promise<Principal | null>>()
  let loaded = false

  function putKey(row: Row<'apiKeys'>, atStart = false): void {
    keys.delete(hashOf.get(row.id) ?? '')
    const key = keyFacts(row)
    if (!key.broken) key.broken = brokenLimits(key).join(', ') || undefined
    if (key.broken) logger.error({ keyId: row.id, settings: key.broken }, 'an API key has settings that cannot be read and is refused')
    keys.set(row.hash, key)
    hashOf.set(row.id, row.hash)
    unknownUntil.delete(row.hash)
    onCostLimit(row.id, hasCostLimit(key), atStart)
  }

  function forgetKey(id: string): void {
    keys.delete(hashOf.get(id) ?? '')
    hashOf.delete(id)
    onCostLimit(id, false, false)
  }

  async function rereadKey(id: string): Promise<void> {
    const row = await repos.apiKeys.get(id)
    if (row) putKey(row)
    else forgetKey(id)
  }
  async function rereadOwner(id: string): Promise<void> {
    const row = await repos.users.get(id)
    if (row) owners.set(id, ownerFacts(row))
    else owners.delete(id)
  }
  async function rereadGroup(id: string): Promise<void> {
    const row = await repos.groups.get(id)
    if (row) groups.set(id, groupFacts(row))
    else groups.delete(id)
  }
  changes.on('key', rereadKey)
  changes.on('user', rereadOwner)
  changes.on('group', rereadGroup)
  changes.onGap(load)

  async function load(): Promise<void> {
    const [keyRows, userRows, groupRows] = await Promise.all([repos.apiKeys.all(), repos.users.all(), repos.groups.all()])
    for (const row of userRows) owners.set(row.id, ownerFacts(row))
    for (const row of groupRows) groups.set(row.id, groupFacts(row))
    for (const row of keyRows) putKey(row, !loaded)
    loaded = true
    // What is not among the rows is gone, or came after they were read.
    for (const id of without(owners.keys(), userRows)) await rereadOwner(id)
    for (const id of without(groups.keys(), groupRows)) await rereadGroup(id)
    for (const id of without(hashOf.keys(), keyRows)) await rereadKey(id)
  }

  /** A deleted owner or group disables its keys. */
  function principalOf(key: KeyFacts): Principal {
    const owner = owners.get(key.ownerId) ?? { id: key.ownerId, username: '', role: 'user', enabled: false, sharedPool: false, locale: null }
    const group = key.groupId === null ? null : groups.get(key.groupId) ?? { id: key.groupId, name: '', ownerId: key.ownerId, enabled: false, multiplierBp: 10_000, priceBy: 'asked' }
    return { key, owner, group }
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
    load,
    get(keyId) {
      const key = keys.get(hashOf.get(keyId) ?? '')
      return key ? principalOf(key) : null
    },
    find(hash, ip) {
      const key = keys.get(hash)
      if (key) return principalOf(key)
      const under = running.get(hash)
      if (under) return under
      if (!wrong.note(ip)) return null
      if ((unknownUntil.get(hash) ?? 0) > clock.now()) return null
      const promise = lookUp(hash).finally(() => running.delete(hash))
      running.set(hash, promise)
      return promise.then((found) => {
        if (found) wrong.takeBack(ip)
        return found
      })
    },
    throttledMs: ip => wrong.waitMs(ip),
    used: key => firstUse.note(key),
  }
}

function without(ids: Iterable<string>, rows: readonly { id: string }[]): string[] {
  const there = new Set(rows.map(({ id }) => id))
  return [...ids].filter(id => !there.has(id))
}

const ownerFacts = ({ id, username, role, enabled, sharedPool, locale }: Row<'users'>): OwnerFacts => ({ id, username, role, enabled, sharedPool, locale })

const groupFacts = ({ id, name, ownerId, enabled, multiplierBp, priceBy }: Row<'groups'>): GroupFacts => ({ id, name, ownerId, enabled, multiplierBp, priceBy })

const lists = { models: 'models', ipAllow: 'ip_allow', clients: 'clients' } as const

/** With settings that can't be read the key is known, and refused with a reason. */
function keyFacts(row: Row<'apiKeys'>): KeyFacts {
  const { id, name, ownerId, groupId, enabled, expiresAt, expiresInDays, firstUsedAt } = row
  const facts: KeyFacts = { id, name, ownerId, groupId, enabled, expiresAt, expiresInDays, firstUsedAt, models: [], ipAllow: [], clients: [], limits: {} }
  const broken: string[] = []
  const read = (column: string, parse: () => void): void => {
    try {
      parse()
    }
    catch {
      broken.push(column)
    }
  }
  for (const [field, column] of Object.entries(lists) as [keyof typeof lists, string][]) {
    read(column, () => facts[field] = parseColumn(stringList, row[field], `api_keys.${column}`))
  }
  read('limits', () => facts.limits = parseColumn(anyRecord, row.limits, 'api_keys.limits'))
  return broken.length > 0 ? { ...facts, broken: broken.join(', ') } : facts
}

const costSettings = ['dailyNano', 'weeklyNano', 'monthlyNano', 'totalNano']
const hasCostLimit = ({ limits }: KeyFacts): boolean => costSettings.some(name => limits[name] !== undefined)
