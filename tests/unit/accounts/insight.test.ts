import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountCreateSchema } from '#shared/schemas/account'
import { groupCreateSchema } from '#shared/schemas/group'
import { keyCreateSchema } from '#shared/schemas/key'
import type { Seat } from '#server/scheduler/rooms'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

let domain: Domain
let admin: Actor
let ann: Actor
let ben: Actor
let group: string

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann' })
  ben = await domain.addUser({ username: 'ben', sharedPool: true })
  for (const { id } of [admin, ann, ben]) await domain.changes.emit('user', id)
  group = (await domain.services.groups.create(ann, groupCreateSchema.parse({ name: 'g' }))).id
})
afterAll(() => domain.close())

const create = (actor: Actor, given: Record<string, unknown> = {}) => domain.services.accounts.create(actor, accountCreateSchema.parse({
  name: 'a', platform: 'claude_console', baseUrl: 'https://api.example.com', credentials: { apiKey: 'upstream-secret' }, ...given,
}))
const insight = () => domain.services.insight
const pool = (id: string) => domain.pool.get(id)!
const page = (given: { cursor?: string, limit?: number } = {}) => ({ limit: 50, ...given })

describe('why', () => {
  test('is the word of the scheduler\'s own rules over the account\'s own pool', async () => {
    const one = await create(ann, { name: 'one', groupId: group, weight: 1, models: ['claude-haiku-5-5', 'claude-opus-*'] })
    const two = await create(ann, { name: 'two', groupId: group, weight: 3, models: ['claude-haiku-*'] })
    const full = await create(ann, { name: 'full', groupId: group, maxConcurrency: 1 })
    const seat = await domain.rooms.take(pool(full.id), false) as Seat
    domain.states.apply(pool(one.id), { kind: 'limited', reason: 'rate_limited', evidence: null, until: domain.time.now + 60_000, family: 'opus' })
    expect(await insight().why(ann, two.id, {})).toMatchObject({
      model: 'claude-haiku-4-5', position: 'chosen', share: 1, reasons: [], groupName: 'g', keyId: null,
      pool: [{ name: 'two', share: 1 }, { name: 'full', position: 'passed_over', inFlight: 1, maxConcurrency: 1, reasons: [{ reason: 'room', until: null }] }, { name: 'one', reasons: [{ reason: 'model' }] }],
    })
    expect(await insight().why(ann, one.id, {})).toMatchObject({ model: 'claude-haiku-5-5', position: 'chosen', share: 0.25 })
    expect(await insight().why(ann, one.id, { model: 'claude-opus-5-5' })).toMatchObject({ position: 'passed_over', reasons: [{ reason: 'model_limited', until: domain.time.now + 60_000 }] })
    domain.missing.note(two.id, 'claude-haiku-5-5')
    expect(await insight().why(ann, two.id, { model: 'claude-haiku-5-5' })).toMatchObject({ position: 'passed_over', reasons: [{ reason: 'model_missing' }] })
    seat.release()
    for (const { id } of [one, two, full]) await domain.services.accounts.remove(ann, id)
  })

  test('says that a key draws from another pool, and that a group is off', async () => {
    const { id } = await create(ann, { groupId: group })
    const shared = await create(admin, { name: 'shared' })
    const inside = await domain.services.keys.create(ann, keyCreateSchema.parse({ name: 'k', groupId: group }))
    const outside = await domain.services.keys.create(ben, keyCreateSchema.parse({ name: 'k' }))
    expect(await insight().why(ann, id, { keyId: inside.id })).toMatchObject({ position: 'chosen', share: 1 })
    expect(await insight().why(admin, id, { keyId: outside.id })).toMatchObject({ position: 'passed_over', share: 0, reasons: [{ reason: 'group', until: null }], pool: [{ accountId: shared.id }] })
    await domain.services.groups.update(ann, group, { enabled: false })
    expect(await insight().why(ann, id, {})).toMatchObject({ position: 'passed_over', share: 0, reasons: [{ reason: 'group_disabled' }], pool: [{ position: 'passed_over' }] })
    await domain.services.groups.update(ann, group, { enabled: true })
    for (const [actor, one] of [[ann, id], [admin, shared.id]] as const) await domain.services.accounts.remove(actor, one)
  })

  test('is told to the owner and admins only, by their own keys only', async () => {
    const { id } = await create(ann, { groupId: group })
    const key = await domain.services.keys.create(ann, keyCreateSchema.parse({ name: 'k', groupId: group }))
    await expect(insight().why(ben, id, {})).rejects.toMatchObject({ code: 'not_found' })
    expect(await insight().why(admin, id, {})).toMatchObject({ accountId: id })
    const shared = await create(admin)
    await expect(insight().why(ben, shared.id, { keyId: key.id })).rejects.toMatchObject({ code: 'not_found' })
    const bens = await domain.services.keys.create(ben, keyCreateSchema.parse({ name: 'k' }))
    await expect(insight().why(ann, id, { keyId: bens.id })).rejects.toMatchObject({ code: 'not_found' })
    for (const [actor, one] of [[ann, id], [admin, shared.id]] as const) await domain.services.accounts.remove(actor, one)
  })
})

describe('the history', () => {
  test('comes in pages, newest first, without losing lines of the same moment', async () => {
    const { id } = await create(admin)
    for (let i = 0; i < 7; i++) {
      await domain.services.accounts.update(admin, id, { enabled: i % 2 === 1 })
      if (i % 3 === 2) domain.time.now += 1
    }
    const all = (await insight().events(admin, id, page())).items
    expect(all).toHaveLength(7)
    expect(all[0]).toMatchObject({ from: 'normal', to: 'disabled', reason: 'by_hand', at: domain.time.now, byUserId: admin.id, byUserName: 'admin' })
    const paged = []
    let cursor: string | undefined
    do {
      const { items, nextCursor } = await insight().events(admin, id, page({ cursor, limit: 2 }))
      paged.push(...items)
      cursor = nextCursor ?? undefined
    } while (cursor)
    expect(paged).toEqual(all)
  })

  test('is of the owner and admins only, and knows what a cursor is', async () => {
    const { id } = await create(ann, { groupId: group })
    await expect(insight().events(ben, id, page())).rejects.toMatchObject({ code: 'not_found' })
    expect((await insight().events(admin, id, page())).items).toEqual([])
    await expect(insight().events(ann, id, page({ cursor: 'rubbish' }))).rejects.toMatchObject({ code: 'validation' })
  })
})
