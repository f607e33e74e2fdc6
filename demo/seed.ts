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
import { accounts, groups, keys, login, people, type DemoAccount, type Person } from './cast'
import { putIntoStates } from './account-history'
import { keepBooks, setPrices } from './console-history'
import { limitOf } from './limits'
import { dice } from './random'
import { monthOf, type PlayedAccount, type PlayedKey } from './requests'
import type { TrafficKey } from './traffic'
import type { DemoUpstream } from './upstream/server'

const DAY = 86_400_000
/** How long ago it all began, and of how many days there are requests. */
const DAYS = 45
const REQUEST_DAYS = 31
/** Lists show what is newest first: the cast's first ones. */
const newestLast = [...keys].reverse()
const BOOKED_AT_ONCE = 500
/** Requests of the busiest hour. */
const PER_HOUR = 95

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
    played.set(id, { id: row.id, name, platform, manner, weight: manner === 'limited' || manner === 'revoked' ? 0 : weight, served })
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

/** As the relay books what it settles, and with what a first and a last use leave behind. */
async function book({ runtime: { repos, prices, config }, now }: Stage, playedKeys: PlayedKey[], seed: number): Promise<void> {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: config.timeZone, hour: 'numeric', weekday: 'short', hourCycle: 'h23' })
  const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  const clock = (at: number) => {
    const parts: Record<string, string> = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    return { hour: Number(parts.hour), weekday: weekdays.indexOf(parts.weekday!) }
  }
  const rows = monthOf({ random: dice(seed), prices, keys: playedKeys, now, days: REQUEST_DAYS, clock, perHour: PER_HOUR })
  for (let from = 0; from < rows.length; from += BOOKED_AT_ONCE) {
    const batch = rows.slice(from, from + BOOKED_AT_ONCE)
    await repos.ledger.book({ file: 'demo', from, to: from + batch.length, at: now, timeZone: config.timeZone, rows: batch })
  }
  await repos.ledger.forget('demo')
  const lastOf = new Map(rows.flatMap(row => [[`key ${row.apiKeyId}`, row.createdAt], [`account ${row.accountId}`, row.createdAt]]))
  for (const { id, madeAt } of playedKeys) {
    const first = rows.find(({ apiKeyId }) => apiKeyId === id)
    if (first) await repos.apiKeys.firstUse(id, Math.max(madeAt, first.startedAt))
    if (first) await repos.apiKeys.touch([id], lastOf.get(`key ${id}`)!)
  }
  for (const { id } of new Set(playedKeys.flatMap(key => key.accounts))) {
    const last = lastOf.get(`account ${id}`)
    if (last !== undefined) await repos.accounts.touch([id], last)
  }
}

/** Where a limit's use stands, and the least limit in USD: the small hours of a Monday must not make it one that the first requests reach. */
const spans = {
  dailyUsd: { of: 'day', least: 2 }, weeklyUsd: { of: 'week', least: 15 }, monthlyUsd: { of: 'month', least: 40 }, totalUsd: { of: 'total', least: 40 },
} as const

/** Limits of which the wanted part is used up by now. */
async function fitLimits({ runtime: { services }, actors, now, at }: Stage, playedKeys: PlayedKey[]): Promise<void> {
  for (const [n, { used = {}, owner }] of newestLast.entries()) {
    const key = playedKeys[n]!
    const actor = actors.get(owner)!
    at(now)
    const { usage, limits } = await services.keys.get(actor, key.id)
    at(now - (20 - n) * 3_600_000)
    const fitted = (Object.entries(used) as [keyof typeof spans, number][]).map(([name, part]) => [name, limitOf(Number(usage[spans[name].of].usedUsd), part, spans[name].least)])
    if (fitted.length > 0) await services.keys.update(actor, key.id, { limits: { requestsPerMinute: limits.requestsPerMinute, concurrency: limits.concurrency, ...Object.fromEntries(fitted) } })
  }
}
