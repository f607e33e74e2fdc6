import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { quantile } from '#server/stats/status'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { closedRequest } from '../../helpers/requests'

const HOUR = 3_600_000
let domain: Domain
let admin: Actor

beforeEach(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'root', role: 'admin' })
})
afterEach(() => domain.close())

const show = (shown = true) => domain.services.settings.update(admin, { statusPage: { shown } })
const status = () => domain.services.status()
const addAccount = (name: string, given: Record<string, unknown> = {}) => domain.services.accounts.create(admin, accountCreateSchema.parse({ name, platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'secret' }, ...given }))
const book = (rows: Parameters<typeof closedRequest>[1][]) => domain.repos.ledger.book({ file: 'f', from: 0, to: 1, at: domain.time.now, timeZone: 'UTC', rows: rows.map((some, at) => closedRequest(`r${at}`, some)) })

test('is not found unless it was switched on, and no more once it is off again', async () => {
  await expect(status()).rejects.toMatchObject({ code: 'not_found' })
  await show()
  expect(await status()).toMatchObject({ at: domain.time.now, state: 'down', models: [], firstByte: null, errorRate: null })
  await show(false)
  await expect(status()).rejects.toMatchObject({ code: 'not_found' })
})

test('tells models that were used and that an account has, by what can serve them now, without names', async () => {
  const names = ['first secret name', 'second secret name', 'third secret name']
  const ids: string[] = []
  for (const name of names) ids.push((await addAccount(name, name.startsWith('first') ? {} : { models: ['claude-sonnet-*'] })).id)
  await domain.pool.load()
  const [now, hour] = [domain.time.now, domain.time.now - HOUR]
  await book([
    { model: 'claude-sonnet-5-5', createdAt: hour }, { model: 'claude-sonnet-5-5', createdAt: now }, { model: 'claude-opus-5-5', createdAt: hour },
    { model: 'a-private-name', createdAt: hour, outcome: 'no_account', ttfbMs: null },
  ])
  await show()
  const seen = await status()
  expect(seen).toMatchObject({ state: 'up', models: [{ model: 'claude-sonnet-5-5', state: 'up' }, { model: 'claude-opus-5-5', state: 'up' }], firstByte: { p50Ms: 20, p95Ms: 20 }, errorRate: 0.25 })
  expect(seen.hours).toHaveLength(24)
  expect(seen.hours.slice(-2).map(({ errorRate }) => errorRate?.toFixed(2))).toEqual(['0.33', '0.00'])
  expect(seen.hours.slice(0, -2).every(({ errorRate }) => errorRate === null)).toBe(true)

  for (const id of ids.slice(0, 2)) domain.pool.get(id)!.state = { ...domain.pool.get(id)!.state, name: 'limited', until: now + 10 * HOUR }
  domain.time.now += 15_000
  const limited = await status()
  expect(limited).toMatchObject({ state: 'degraded', models: [{ model: 'claude-sonnet-5-5', state: 'degraded' }, { model: 'claude-opus-5-5', state: 'down' }] })
  for (const told of [seen, limited]) for (const secret of [...names, ...ids, 'a-private-name', 'example.com']) expect(JSON.stringify(told)).not.toContain(secret)
})

test('is looked at once in 15 seconds however many ask, and again after a failure', async () => {
  await show()
  let looks = 0
  const { usage } = domain.repos
  const { byHour } = usage
  let fails = true
  usage.byHour = async (filter) => {
    looks++
    if (fails) throw new Error('the database is away')
    return byHour(filter)
  }
  await expect(status()).rejects.toThrow('the database is away')
  fails = false
  await Promise.all(Array.from({ length: 200 }, () => status()))
  expect(looks).toBe(2)
  domain.time.now += 14_999
  await status()
  expect(looks).toBe(2)
  domain.time.now += 1
  await status()
  expect(looks).toBe(3)
})

test('a quantile is one of the values', () => {
  expect([0, 0.5, 0.95, 1].map(part => quantile([5, 1, 4, 2, 3], part))).toEqual([1, 3, 5, 5])
  expect(quantile(Array.from({ length: 100 }, (_, at) => at + 1), 0.95)).toBe(95)
  expect(quantile([7], 0.5)).toBe(7)
})
