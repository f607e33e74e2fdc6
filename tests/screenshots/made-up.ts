import { join } from 'node:path'
import type { AccountView, GroupView, KeyWithSecret } from '#shared/types/api'
import type { ClosedRequest, Outcome } from '#shared/types/log'
import { noUsage } from '#shared/types/usage'
import { createPriceBook } from '#server/billing/prices'
import { openStore } from '#server/db/client'
import { createRepos } from '#server/db/repos/index'
import { newId } from '#server/lib/id'
import type { ApiClient } from '../helpers/api'
import type { TestServer } from '../helpers/server'
import { sqliteWorkerUrl } from '../helpers/store'

const DAY = 86_400_000
const DAYS = 30
const BOOKED_AT_ONCE = 200
const TIME_ZONE = 'Asia/Shanghai'
const models = ['claude-sonnet-5-5', 'claude-sonnet-5-5', 'claude-sonnet-5-5', 'claude-opus-4-8', 'claude-haiku-4-5']
const book = createPriceBook()

/** The same numbers at every call, so that pictures change with the pages only. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

interface Pool { groups: GroupView[], accounts: AccountView[], keys: KeyWithSecret[] }

/** A pool that nobody owns, on addresses that do not exist. */
async function addPool(api: ApiClient): Promise<Pool> {
  const groups = await Promise.all([['Backend', 'Services and tools'], ['Web', 'Pages and design'], ['Research', null]].map(([name, remark]) => api.ok<GroupView>('POST', '/api/groups', { name, remark })))
  const [backend, web] = [groups[0]!.id, groups[1]!.id]
  const given = [
    { name: 'Console EU', baseUrl: 'https://api.anthropic.example', priority: 10, maxConcurrency: 8, dailyLimitUsd: '60' },
    { name: 'Console US', baseUrl: 'https://api.anthropic.example', priority: 10, weight: 50, maxConcurrency: 8 },
    { name: 'Team plan', baseUrl: 'https://team.example', priority: 20, groupId: backend },
    { name: 'GLM coding', baseUrl: 'https://glm.example/api/anthropic', priority: 30, groupId: web, modelMap: { 'claude-*': 'glm-4.6' } },
    { name: 'Reserve', baseUrl: 'https://reserve.example', priority: 90, proxyUrl: 'socks5://proxy.example:1080', enabled: false },
  ]
  const accounts: AccountView[] = []
  for (const account of given) accounts.push(await api.addAccount(account))
  const keys: KeyWithSecret[] = []
  for (const [name, more] of [
    ['Alice', { limits: { dailyUsd: '20', weeklyUsd: '80' } }], ['Bob', { limits: { dailyUsd: '5' }, groupId: backend }], ['CI', { limits: { monthlyUsd: '300', requestsPerMinute: 60 }, groupId: backend }],
    ['Chen Wei', { groupId: web }], ['Workshop', { expiresInDays: 7, models: ['claude-haiku-*'] }], ['Old laptop', { enabled: false }],
  ] as const) keys.push(await api.addKey({ name, ...more }))
  return { groups, accounts, keys }
}

/** One request as it was settled at a time. */
function requestAt(at: number, random: () => number, { accounts, keys, groups }: Pool, user: { id: string, username: string }): ClosedRequest {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() ** 1.6 * list.length)]!
  const key = pick(keys.slice(0, 5))
  const account = pick(accounts.slice(0, 4))
  const model = models[Math.floor(random() * models.length)]!
  const luck = random()
  const outcome: Outcome = luck < 0.95 ? 'ok' : luck < 0.97 ? 'client_closed' : luck < 0.985 ? 'refused' : 'upstream_error'
  const usage = outcome === 'ok' || outcome === 'client_closed'
    ? { ...noUsage(), inputTokens: Math.round(random() * 3000), outputTokens: Math.round(200 + random() * 3500), cacheReadTokens: Math.round(random() * 90_000), cacheWrite5mTokens: Math.round(random() * 9000) }
    : noUsage()
  const cost = book.cost(model, usage, 10_000)
  const durationMs = Math.round(2000 + random() * 40_000)
  const status = { ok: 200, client_closed: 499, refused: 402, upstream_error: 529 }[outcome as 'ok'] ?? 500
  return {
    requestId: `req_${newId()}`, upstreamRequestId: null, startedAt: at - durationMs, createdAt: at, userId: user.id, userName: user.username,
    apiKeyId: key.id, keyName: key.name, groupId: key.groupId, groupName: groups.find(({ id }) => id === key.groupId)?.name ?? null,
    accountId: account.id, accountName: account.name, platform: account.platform, model, servedModel: model, stream: random() < 0.9,
    clientVersion: '2.1.330', sessionId: `s-${Math.floor(at / 3_600_000)}-${key.id.slice(-4)}`, agentId: null, ip: '192.0.2.10',
    ...usage, multiplierBp: 10_000, priceBy: 'asked', status, outcome,
    errorType: outcome === 'upstream_error' ? 'overloaded_error' : null, errorMessage: outcome === 'upstream_error' ? 'Overloaded' : null,
    usageComplete: outcome === 'ok', stopReason: outcome === 'ok' ? 'end_turn' : null,
    priced: cost.priced, priceVersion: cost.priceVersion, costParts: cost.parts, costNano: cost.costNano, billedNano: cost.billedNano,
    ttfbMs: status === 200 ? Math.round(400 + random() * 1800) : null, durationMs,
    attempts: [{ accountId: account.id, accountName: account.name, verdict: outcome === 'ok' ? 'deliver' : 'transient', status, ms: durationMs, reason: null }],
  }
}

/** A month of made-up work, booked as the relay books it, and two accounts in trouble. Leaves the server running. */
export async function makeUp(server: TestServer): Promise<Pool> {
  const api = await server.login()
  const { user } = await api.ok<{ user: { id: string, username: string } }>('GET', '/api/auth/me')
  const pool = await addPool(api)
  await server.stop()
  const store = await openStore({ mysqlUrl: null, sqliteFile: join(server.dataDir, 'relay.db'), workerUrl: await sqliteWorkerUrl() })
  const repos = createRepos(store)
  const random = dice(7)
  const now = Date.now()
  const rows = Array.from({ length: DAYS }, (_, day) => Array.from({ length: 25 + Math.round(random() * 50) }, () => now - day * DAY - random() * DAY / 2)).flat()
    .sort((a, b) => a - b).map(at => requestAt(Math.floor(at), random, pool, user))
  for (let from = 0; from < rows.length; from += BOOKED_AT_ONCE) {
    const batch = rows.slice(from, from + BOOKED_AT_ONCE)
    await repos.ledger.book({ file: 'made-up', from, to: from + batch.length, at: now, timeZone: TIME_ZONE, rows: batch })
  }
  await repos.apiKeys.touch(pool.keys.slice(0, 4).map(({ id }) => id), now - 60_000)
  await repos.accounts.touch(pool.accounts.slice(0, 4).map(({ id }) => id), now - 60_000)
  await repos.accounts.update(pool.accounts[1]!.id, { stateName: 'limited', stateReason: 'rate_limited', stateSince: now - 600_000, stateUntil: now + 3_000_000 })
  await repos.accounts.update(pool.accounts[3]!.id, { stateName: 'abnormal', stateReason: 'unauthorized', stateEvidence: '401: invalid x-api-key', stateSince: now - 7_200_000, stateNextProbe: now + 900_000 })
  await store.close()
  await server.restart()
  return pool
}
