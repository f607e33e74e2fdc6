import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { boot, type Runtime } from '#server/boot'
import { readConfig } from '#server/config'
import { accountCreateSchema } from '#shared/schemas/account'
import { groupCreateSchema } from '#shared/schemas/group'
import { keyCreateSchema } from '#shared/schemas/key'
import { userCreateSchema } from '#shared/schemas/user'
import type { Actor } from '#server/users/actor'
import { sha256Hex } from '#server/lib/hash'
import { hashPassword } from '#server/lib/password'
import { matchesPattern } from '#shared/utils/model-pattern'
import { accounts, groups, login, newestLast, people, type DemoAccount, type Person } from './cast'
import { outFor, putIntoStates } from './account-history'
import { book, fitLimits } from './booking'
import { keepBooks, setPrices } from './console-history'
import { dice } from './random'
import type { PlayedAccount, PlayedKey } from './requests'
import type { TrafficKey } from './traffic'
import type { DemoUpstream } from './upstream/server'

const DAY = 86_400_000
/** How long ago it all began. */
const DAYS = 45

export interface SeedOptions {
  /** The project's. */
  root: string
  /** Of the server to be: its data directory and all else. */
  env: Record<string, string>
  upstream: Pick<DemoUpstream, 'url' | 'urlOf'>
  seed: number
}

/** Everything that the demo's history is made of, as far as it has been made. */
export interface Stage {
  runtime: Runtime
  actors: Map<Person, Actor>
  /** Epoch-ms: the demo's present. */
  now: number
  /** What is done next is done at this time. */
  at(time: number): void
  upstream: SeedOptions['upstream']
}

/**
 * Fills an empty data directory with a month of a team's work: by the product's own services, at a clock that runs ahead, and its own ledger.
 * Resolves with the keys for what goes on from there.
 */
export async function seedDemo({ root, env, upstream, seed }: SeedOptions): Promise<TrafficKey[]> {
  const now = Date.now()
  let time = now - DAYS * DAY
  const runtime = await boot({
    config: readConfig({ ...env, LOG_LEVEL: 'silent' }),
    workerUrl: pathToFileURL(join(root, '.output/server/sqlite-worker.mjs')),
    estimateWorkerUrl: pathToFileURL(join(root, '.output/server/estimate-worker.mjs')),
    clock: { now: () => time },
    async readMigration(dialect, path) {
      const file = join(root, 'drizzle/migrations', dialect, path)
      return existsSync(file) ? await readFile(file, 'utf8') : null
    },
  })
  const stage: Stage = { runtime, actors: new Map(), now, upstream, at: (next) => {
    time = Math.min(next, now)
  } }
  try {
    await addPeople(stage)
    const groupIds = await addGroups(stage)
    const played = await addAccounts(stage, groupIds)
    const { all, traffic } = await addKeys(stage, groupIds, played)
    await setPrices(stage)
    await book(stage, all, seed)
    await fitLimits(stage, all)
    await putIntoStates(stage, new Map(accounts.map(({ id }) => [id, played.get(id)!.id])))
    await keepBooks(stage, dice(seed + 1))
    return traffic
  }
  finally {
    stage.at(now)
    await runtime.stop()
  }
}

async function addPeople({ runtime: { repos, services }, actors, now, at }: Stage): Promise<void> {
  const [first] = await repos.users.all()
  const admin: Actor = { id: first!.id, username: login.username, role: 'admin', sharedPool: true, ip: '198.51.100.8' }
  actors.set('admin', admin)
  const passwordHash = await hashPassword(login.password)
  for (const [n, { days, ip, ...person }] of people.entries()) {
    at(now - days * DAY + n * 400_000)
    const { user } = await services.userAdmin.create(admin, userCreateSchema.parse(person))
    await repos.users.update(user.id, { passwordHash, mustChangePassword: false, lastLoginAt: now - (n + 1) * 5_400_000 })
    actors.set(person.username, { id: user.id, username: person.username, role: 'user', sharedPool: person.sharedPool, ip })
  }
}

async function addGroups({ runtime: { services }, actors, now, at }: Stage): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const [n, { id, owner, ...group }] of groups.entries()) {
    at(now - (42.6 - n) * DAY)
    ids.set(id, (await services.groups.create(actors.get(owner)!, groupCreateSchema.parse(group))).id)
  }
  return ids
}

const credentialsOf = ({ id, platform }: DemoAccount, now: number): Record<string, unknown> =>
  platform === 'claude' ? { accessToken: `demo-${id}`, refreshToken: `demo-refresh-token-of-${id}`, expiresAt: now + 30 * DAY } : { apiKey: `demo-key-of-the-account-${id}` }

async function addAccounts({ runtime: { services }, actors, now, at, upstream }: Stage, groupIds: Map<string, string>): Promise<Map<string, PlayedAccount>> {
  const played = new Map<string, PlayedAccount>()
  for (const [n, account] of [...accounts].reverse().entries()) {
    const { id, owner, group, name, platform, manner, weight, priority = 100, modelMap = {}, maxConcurrency = 0, dailyLimitUsd = null, enabled = true } = account
    at(now - (39 - n / 3) * DAY)
    // The demo's upstream is this machine, which the accounts of users may not name; in a demo no other can be reached.
    const actor: Actor = { ...actors.get(owner)!, role: 'admin' }
    const row = await services.accounts.create(actor, accountCreateSchema.parse({
      name, platform, priority, weight: Math.max(1, weight), modelMap, maxConcurrency, dailyLimitUsd, enabled, groupId: group && groupIds.get(group),
      baseUrl: platform === 'claude' ? null : upstream.urlOf(id), credentials: credentialsOf(account, now),
    }))
    const served = (model: string): string => Object.entries(modelMap).find(([pattern]) => matchesPattern(pattern, model))?.[1] ?? model
    const out = outFor[id]
    played.set(id, { id: row.id, name, platform, manner, weight, served, outSince: out === undefined ? null : now - out })
  }
  return played
}

async function addKeys({ runtime: { services }, actors, now, at }: Stage, groupIds: Map<string, string>, played: Map<string, PlayedAccount>) {
  const all: PlayedKey[] = []
  const traffic: TrafficKey[] = []
  for (const [n, { id, owner, group, name, weight, days = 35 - n / 4, endedDays, used = {}, requestsPerMinute, concurrency, ...rest }] of newestLast.entries()) {
    at(now - days * DAY)
    const actor = actors.get(owner)!
    const created = await services.keys.create(actor, keyCreateSchema.parse({
      name, groupId: group && groupIds.get(group), key: `sk-demo-${sha256Hex(id).slice(0, 32)}`, revealable: true, limits: { requestsPerMinute, concurrency }, expiresAt: endedDays === undefined ? null : now - endedDays * DAY, ...rest,
    }))
    const terms = groups.find(each => each.id === group)
    const ip = actor.ip ?? ''
    all.push({
      id: created.id, name, weight, userId: actor.id, userName: actor.username, groupId: created.groupId, groupName: created.groupName, ip, models: rest.models ?? [], madeAt: created.createdAt,
      terms: { multiplierBp: terms?.multiplierBp ?? 10_000, priceBy: terms?.priceBy ?? 'asked' },
      accounts: accounts.filter(account => account.group === group && account.enabled !== false).map(account => played.get(account.id)!),
    })
    // Whose day is nearly used up works little, or most of what is seen would soon be refusals.
    const pace = (used.dailyUsd ?? 0) > 0.9 ? 0.2 : 1
    if (weight > 0) traffic.push({ key: created.key, weight: weight * pace, ip, models: rest.models ?? [] })
  }
  return { all, traffic }
}
