import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyCreateSchema, keyListSchema, keyPatchSchema } from '#shared/schemas/key'
import { sha256Hex } from '#server/lib/hash'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'

let domain: Domain
let admin: Actor
let ann: Actor
let ben: Actor
let sharer: Actor
let annsGroup: string

beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann' })
  ben = await domain.addUser({ username: 'ben' })
  sharer = await domain.addUser({ username: 'sharer', sharedPool: true })
  annsGroup = (await domain.services.groups.create(ann, { name: 'g', enabled: true, multiplierBp: 10_000, priceBy: 'asked' })).id
})
afterAll(() => domain.close())

const keys = () => domain.services.keys
const create = (actor: Actor, given: Record<string, unknown> = {}) => keys().create(actor, keyCreateSchema.parse({ name: 'k', ...given }))
const update = (actor: Actor, id: string, given: Record<string, unknown>) => keys().update(actor, id, keyPatchSchema.parse(given))
const stored = async (id: string) => (await domain.repos.apiKeys.get(id))!
const problems = (path: string, key: string) => ({ code: 'validation', options: { details: [expect.objectContaining({ path, key }) as object] } })

describe('the secret', () => {
  test('has 256 random bits, is told once and stored as a hash', async () => {
    const made = await create(admin)
    expect(made.key).toMatch(/^sk-[\w-]{43}$/)
    expect(made).toMatchObject({ prefix: made.key.slice(0, 7), lastFour: made.key.slice(-4), revealable: false })
    expect((await domain.repos.apiKeys.findByHash(sha256Hex(made.key)))?.id).toBe(made.id)
    for (const later of [await keys().get(admin, made.id), await update(admin, made.id, { name: 'x' })]) expect(later).not.toHaveProperty('key')
    expect(await domain.dump()).not.toContain(made.key)
  })

  test('may be the owner\'s own, once in the installation', async () => {
    const key = 'my_own-key-0123456789abcdef'
    expect((await create(admin, { key })).key).toBe(key)
    await expect(create(ann, { key, groupId: annsGroup })).rejects.toMatchObject(problems('key', 'errors.keyTaken'))
  })

  test('of a deleted key is free again and never works meanwhile', async () => {
    const key = 'second-own-key-0123456789abcdef'
    const { id } = await create(admin, { key, revealable: true })
    await keys().remove(admin, id)
    expect(await domain.repos.apiKeys.findByHash(sha256Hex(key))).toBeNull()
    await expect(keys().reveal(admin, id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await create(admin, { key })).id).not.toBe(id)
  })

  test('is revealed only while the owner wants it, sealed in the database, with an audit line', async () => {
    const made = await create(admin, { revealable: true })
    expect(await keys().reveal(admin, made.id)).toBe(made.key)
    expect((await domain.audit()).at(-1)).toMatchObject({ action: 'key.reveal', targetId: made.id })
    expect(await domain.dump()).not.toContain(made.key)
    await expect(keys().reveal(ann, made.id)).rejects.toMatchObject({ code: 'not_found' })
    await update(admin, made.id, { revealable: false })
    expect((await stored(made.id)).sealedKey).toBeNull()
    await expect(keys().reveal(admin, made.id)).rejects.toMatchObject({ code: 'not_revealable' })
    await expect(update(admin, made.id, { revealable: true })).rejects.toMatchObject(problems('revealable', 'errors.keyCannotReveal'))
  })

  test('a rotated key stops at once, the new one is revealable when the old one was', async () => {
    const made = await create(admin, { revealable: true })
    const rotated = await keys().rotate(admin, made.id, {})
    expect(rotated.key).not.toBe(made.key)
    expect(rotated).toMatchObject({ id: made.id, lastFour: rotated.key.slice(-4), revealable: true })
    expect(await domain.repos.apiKeys.findByHash(sha256Hex(made.key))).toBeNull()
    expect(await keys().reveal(admin, made.id)).toBe(rotated.key)
    expect((await keys().rotate(admin, made.id, { revealable: false })).revealable).toBe(false)
    const other = await create(admin)
    await expect(keys().rotate(admin, made.id, { key: other.key })).rejects.toMatchObject(problems('key', 'errors.keyTaken'))
  })
})

describe('where a key draws from', () => {
  test('the shared pool needs the owner\'s permission', async () => {
    expect((await create(admin)).groupId).toBeNull()
    expect((await create(sharer)).groupId).toBeNull()
    await expect(create(ann)).rejects.toMatchObject({ code: 'forbidden', options: { details: [{ path: 'groupId' }] } })
    const { id } = await create(ann, { groupId: annsGroup })
    await expect(update(ann, id, { groupId: null })).rejects.toMatchObject({ code: 'forbidden' })
    // An admin's hand does not give the owner what the owner may not have.
    await expect(update(admin, id, { groupId: null })).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('a group of somebody else is none', async () => {
    await expect(create(ben, { groupId: annsGroup })).rejects.toMatchObject(problems('groupId', 'errors.groupUnknown'))
    const { id } = await create(ann, { groupId: annsGroup })
    const adminsGroup = await domain.services.groups.create(admin, { name: 'of admin', enabled: true, multiplierBp: 10_000, priceBy: 'asked' })
    await expect(update(admin, id, { groupId: adminsGroup.id })).rejects.toMatchObject(problems('groupId', 'errors.groupUnknown'))
  })

  test('another owner\'s key is not found', async () => {
    const { id } = await create(ann, { groupId: annsGroup })
    for (const call of [keys().get(ben, id), update(ben, id, { enabled: false }), keys().rotate(ben, id, {}), keys().reveal(ben, id), keys().remove(ben, id)]) {
      await expect(call).rejects.toMatchObject({ code: 'not_found' })
    }
    expect((await keys().list(ben, keyListSchema.parse({}))).items).toEqual([])
  })
})

describe('limits and restrictions', () => {
  test('amounts are exact, whether number or string', async () => {
    const { limits } = await create(admin, { limits: { dailyUsd: 0.1, weeklyUsd: '2.000000001', totalUsd: 0, requestsPerMinute: 60 } })
    expect(limits).toEqual({
      dailyUsd: '0.1', dailyNano: 100_000_000, weeklyUsd: '2.000000001', weeklyNano: 2_000_000_001, monthlyUsd: null, monthlyNano: null,
      totalUsd: '0', totalNano: 0, requestsPerMinute: 60, concurrency: null,
    })
  })

  test('an amount finer than a nano-dollar is refused at its field', async () => {
    await expect(create(admin, { limits: { dailyUsd: 1e-10 } })).rejects.toMatchObject(problems('limits.dailyUsd', 'errors.money'))
  })

  test('absent limits stay, null ones go, null for all clears all', async () => {
    const { id } = await create(admin, { limits: { dailyUsd: 1, totalUsd: 2, concurrency: 3 } })
    expect((await update(admin, id, { name: 'x' })).limits).toMatchObject({ dailyUsd: '1', totalUsd: '2', concurrency: 3 })
    expect((await update(admin, id, { limits: { dailyUsd: null, concurrency: 4 } })).limits).toMatchObject({ dailyUsd: null, totalUsd: '2', concurrency: 4 })
    expect((await update(admin, id, { limits: null })).limits).toMatchObject({ dailyUsd: null, totalUsd: null, concurrency: null })
  })

  test('lists and expiry can be set and cleared', async () => {
    const { id } = await create(admin, { expiresAt: 5, expiresInDays: 3, models: ['claude-sonnet-*'], ipAllow: ['10.0.0.0/8', '2001:db8::/32'], clients: ['claude-code'] })
    expect(await keys().get(admin, id)).toMatchObject({ expiresAt: 5, expiresInDays: 3, models: ['claude-sonnet-*'], ipAllow: ['10.0.0.0/8', '2001:db8::/32'], clients: ['claude-code'] })
    expect(await update(admin, id, { expiresAt: null, expiresInDays: null, models: null, ipAllow: null, clients: null })).toMatchObject({ expiresAt: null, expiresInDays: null, models: [], ipAllow: [], clients: [] })
  })

  test.each(['10.0.0.0/33', '300.1.1.1', 'dead', '::1/129'])('%s is no address range', async (range) => {
    await expect(create(admin, { ipAllow: ['10.0.0.1', range] })).rejects.toMatchObject(problems('ipAllow.1', 'errors.cidr'))
  })

  test('every write is announced', async () => {
    domain.emitted.length = 0
    const { id } = await create(admin)
    await update(admin, id, { enabled: false })
    await keys().rotate(admin, id, {})
    await keys().remove(admin, id)
    expect(domain.emitted).toEqual(Array.from({ length: 4 }, () => ['key', id]))
  })
})
