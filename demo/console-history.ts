import { channelCreateSchema } from '#shared/schemas/notification'
import { priceSetSchema } from '#shared/schemas/price'
import { inviteCreateSchema } from '#shared/schemas/user'
import { sha256Hex } from '#server/lib/hash'
import { newId } from '#server/lib/id'
import { between, hex, pick, type Random } from './random'
import type { Stage } from './seed'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const browsers = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
]

const calls = [
  { method: 'POST', path: '/api/keys', status: 201, errorCode: null }, { method: 'PATCH', path: '/api/keys/limits', status: 400, errorCode: 'invalid_request' },
  { method: 'POST', path: '/api/auth/login', status: 200, errorCode: null }, { method: 'POST', path: '/api/auth/login', status: 401, errorCode: 'login_failed' },
  { method: 'POST', path: '/api/accounts', status: 201, errorCode: null }, { method: 'GET', path: '/api/admin/audit', status: 403, errorCode: 'forbidden' },
  { method: 'PATCH', path: '/api/groups/members', status: 200, errorCode: null }, { method: 'GET', path: '/api/keys/unknown', status: 404, errorCode: 'not_found' },
] as const

/** What people did in the console besides making accounts and keys: prices, invitations, notifications, settings, sign-ins. */
export async function keepBooks(stage: Stage, random: Random): Promise<void> {
  await setUp(stage)
  await signIn(stage, random)
  await useConsole(stage, random)
}

/** Of the models that answer in place of Claude's: before their requests, which are priced by them. */
export async function setPrices({ runtime: { services }, actors, now, at }: Stage): Promise<void> {
  for (const [n, price] of [
    { model: 'glm-4.6', input: '0.6', output: '2.2', cacheRead: '0.11' }, { model: 'glm-4.5-air', input: '0.2', output: '1.1', cacheRead: '0.03' }, { model: 'deepseek-chat', input: '0.28', output: '0.42', cacheRead: '0.028' },
  ].entries()) {
    at(now - 40.4 * DAY + n * HOUR)
    await services.prices.set(actors.get('admin')!, priceSetSchema.parse(price))
  }
}

async function setUp({ runtime: { services }, actors, now, at, upstream }: Stage): Promise<void> {
  const admin = actors.get('admin')!
  at(now - 41 * DAY)
  await services.settings.update(admin, { registration: { mode: 'invite' } })
  at(now - 33 * DAY)
  await services.channels.create(admin, channelCreateSchema.parse({
    name: 'Operations', kind: 'webhook', config: { url: `${upstream.url}/hook`, secret: 'a-secret-of-the-demo' }, events: ['account_abnormal', 'pool_unusable', 'limit_reached', 'task_failed'],
  }), 'en')
  at(now - 24 * DAY)
  await services.channels.create(admin, channelCreateSchema.parse({ name: 'Team chat', kind: 'slack', config: { url: `${upstream.url}/hook` }, events: ['limit_near'], enabled: false }), 'en')
  at(now - 3 * DAY)
  await services.invites.create(admin, inviteCreateSchema.parse({ email: 'nora@example.com' }))
  at(now - 30 * HOUR)
  await services.invites.create(admin, inviteCreateSchema.parse({ maxUses: 5, expiresInDays: 30 }))
}

async function signIn({ runtime: { repos }, actors, now }: Stage, random: Random): Promise<void> {
  for (const { id, ip } of actors.values()) {
    for (const userAgent of browsers.slice(0, 1 + Math.floor(random() * 3))) {
      const createdAt = now - Math.round(between(random, 2 * HOUR, 5 * DAY))
      await repos.sessions.insert({ id: sha256Hex(`${id} ${hex(random, 16)}`), userId: id, ip, userAgent, createdAt, lastSeenAt: createdAt + Math.round(between(random, 0, now - createdAt)), expiresAt: createdAt + 7 * DAY })
    }
  }
}

async function useConsole({ runtime: { repos }, actors, now }: Stage, random: Random): Promise<void> {
  const people = [...actors.values()]
  const rows = Array.from({ length: 160 }, (_, n) => {
    const { id, ip } = pick(random, people)
    const call = pick(random, calls)
    const userId = call.errorCode === 'login_failed' ? null : id
    return { id: newId(), createdAt: now - Math.round((160 - n) * 26 * 60_000 * between(random, 0.98, 1)), userId, ...call, durationMs: Math.round(between(random, 3, 60)), ip, userAgent: pick(random, browsers) }
  })
  await repos.apiLogs.insert(rows)
}
