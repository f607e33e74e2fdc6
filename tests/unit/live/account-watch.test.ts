import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { createLiveFacts } from '#server/accounts/live'
import { createAccountWatch, type AccountWatch } from '#server/live/account-watch'
import type { Seat } from '#server/scheduler/rooms'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

let domain: Domain
let admin: Actor
let watch: AccountWatch

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  const live = createLiveFacts({ pool: domain.pool, inFlight: { of: domain.rooms.inFlight } })
  watch = createAccountWatch({ pool: domain.pool, live, repos: domain.repos })
})
afterAll(() => domain.close())

const create = (given: Record<string, unknown> = {}) => domain.services.accounts.create(admin, accountCreateSchema.parse({
  name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'upstream-secret' }, ...given,
}))

test('tells state, load, share of the weight and last use, and then only what changed', async () => {
  const one = await create({ weight: 1 })
  await create({ weight: 3 })
  await create({ weight: 50, enabled: false })
  const later = await create({ priority: 200, weight: 0 })
  const seat = await domain.rooms.take(domain.pool.get(one.id)!, false) as Seat
  domain.states.apply(domain.pool.get(one.id)!, { kind: 'limited', reason: 'rate_limited', evidence: '429', until: domain.time.now + 60_000, family: null })
  await domain.repos.accounts.touch([one.id], 5)
  await watch.readUse()
  expect(watch.changes().changed).toMatchObject([
    { ownerId: admin.id, item: { id: one.id, inFlight: 1, weightShare: 0.25, lastUsedAt: 5, enabled: true, state: { name: 'limited', reason: 'rate_limited', until: domain.time.now + 60_000 } } },
    { item: { inFlight: 0, weightShare: 0.75, lastUsedAt: null } }, { item: { enabled: false, weightShare: null } }, { item: { weightShare: 1 } },
  ])
  expect(watch.changes()).toEqual({ changed: [], gone: [] })
  seat.release()
  expect(watch.changes().changed).toMatchObject([{ item: { id: one.id, inFlight: 0 } }])
  await domain.services.accounts.remove(admin, later.id)
  expect(watch.changes()).toEqual({ changed: [], gone: [later.id] })
  expect(JSON.stringify(watch.all())).not.toContain('upstream-secret')
})

test('the shares of all are those of each', () => {
  const live = createLiveFacts({ pool: domain.pool, inFlight: { of: () => 0 } })
  for (const [id, fact] of live.all()) expect(fact).toEqual(live.of(id))
})
