import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyCreateSchema, keyPatchSchema } from '#shared/schemas/key'
import { shareCreateSchema } from '#shared/schemas/share'
import type { KeyWithSecret } from '#shared/types/api'
import type { ShareWithToken } from '#shared/types/key-query'
import type { Actor } from '#server/users/actor'
import { openDomain, type Domain } from '../../helpers/domain'
import { closedRequest } from '../../helpers/requests'

const DAY = 24 * 3_600_000
const IP = '192.0.2.7'

let domain: Domain
let ann: Actor
let ben: Actor
let admin: Actor
let key: KeyWithSecret

const addKey = (given: Record<string, unknown> = {}) => domain.services.keys.create(ann, keyCreateSchema.parse({ name: 'laptop', ...given }))
const share = (given: Record<string, unknown> = {}, of = key.id, actor = ann): Promise<ShareWithToken> => domain.services.shares.create(actor, of, shareCreateSchema.parse({ name: 'for the team', scope: 'limits', ...given }))
const query = () => domain.services.keyQuery
const open = async (asked: Parameters<Domain['services']['keyQuery']['ticketFor']>[0], ip = IP) => (await query().ticketFor(asked, ip)).value
const look = async (ticket: string, cursor?: string) => (await query().look(ticket, cursor)).view!
const problems = (path: string, key: string) => ({ code: 'validation', options: { details: [expect.objectContaining({ path, key }) as object] } })

beforeAll(async () => {
  domain = await openDomain({ TZ: 'UTC' })
  admin = await domain.addUser({ username: 'admin', role: 'admin' })
  ann = await domain.addUser({ username: 'ann', sharedPool: true })
  await domain.changes.emit('user', ann.id)
  ben = await domain.addUser({ username: 'ben' })
  key = await addKey({ limits: { dailyUsd: 1, totalUsd: 4 } })
  const now = domain.time.now
  const rows = Array.from({ length: 25 }, (_, at) => closedRequest(`r${String(at).padStart(2, '0')}`, {
    userId: ann.id, apiKeyId: key.id, accountId: 'secret-account', createdAt: now - 1000 - at, startedAt: now - 2000, billedNano: 10_000_000, costNano: 20_000_000, model: at < 5 ? 'claude-opus-4-8' : 'claude-sonnet-5-5',
  }))
  const old = closedRequest('old', { userId: ann.id, apiKeyId: key.id, createdAt: now - 10 * DAY, startedAt: now - 10 * DAY, billedNano: 1_000_000_000 })
  const others = closedRequest('other', { userId: ann.id, apiKeyId: 'another', createdAt: now - 10, billedNano: 5_000_000_000 })
  await domain.repos.ledger.book({ file: 'f', from: 0, to: 1, at: now, timeZone: 'UTC', rows: [...rows, old, others] })
})
afterAll(() => domain.close())
// Each test has a window of its own to try keys in.
beforeEach(() => {
  domain.time.now += 15 * 60_000
})

describe('the key', () => {
  test('shows itself: settings, limits, statistics and calls, nothing of accounts and owners', async () => {
    const seen = await look(await open({ key: key.key }))
    expect(seen).toMatchObject({
      scope: 'calls', share: null,
      key: { name: 'laptop', hint: `${key.prefix}…${key.lastFour}`, status: 'active' },
      usage: { day: { usedUsd: '0.25' }, total: { usedUsd: '1.25' } }, limits: { dailyUsd: '1', totalUsd: '4' },
      stats: { today: { requests: 25, billedUsd: '0.25' }, days30: { requests: 26, billedUsd: '1.25' }, models: { others: null } },
    })
    expect(seen.stats!.trend).toHaveLength(30)
    expect(seen.stats!.trend.at(-1)).toMatchObject({ label: '2026-01-05', requests: 25 })
    expect(seen.stats!.models.items.map(({ id, requests }) => [id, requests])).toEqual([['claude-sonnet-5-5', 21], ['claude-opus-4-8', 5]])
    const text = JSON.stringify(seen)
    for (const secret of [key.key, 'secret-account', 'console', ann.id]) expect(text).not.toContain(secret)
  })

  test('shows its calls twenty a page, each once', async () => {
    const ticket = await open({ key: key.key })
    const first = await look(ticket)
    expect(first.calls!.items).toHaveLength(20)
    const second = await look(ticket, first.calls!.nextCursor!)
    expect(second.calls!.items).toHaveLength(6)
    expect(new Set([...first.calls!.items, ...second.calls!.items].map(({ requestId }) => requestId)).size).toBe(26)
    await expect(look(ticket, 'nonsense')).rejects.toMatchObject(problems('cursor', 'errors.cursor'))
  })

  test.each([
    ['disabled', { enabled: false }], ['expired', { expiresAt: 1_000 }],
  ])('that is %s says so', async (status, change) => {
    const other = await addKey()
    await domain.services.keys.update(ann, other.id, keyPatchSchema.parse(change))
    expect((await look(await open({ key: other.key }))).key.status).toBe(status)
  })

  test('that is deleted or has a new value shows nothing more, to those who look at it already either', async () => {
    const [rotated, deleted] = [await addKey(), await addKey()]
    const tickets = [await open({ key: rotated.key }), await open({ key: deleted.key })]
    await domain.services.keys.rotate(ann, rotated.id, {})
    await domain.services.keys.remove(ann, deleted.id)
    for (const ticket of tickets) expect(await look(ticket)).toBeNull()
  })

  test('that is wrong is told at its field; the cookie holds neither that key nor a right one', async () => {
    const wrong = await open({ key: 'sk-no-such-key-0123456789' })
    await expect(look(wrong)).rejects.toMatchObject(problems('key', 'errors.keyUnknown'))
    const right = await open({ key: key.key })
    for (const cookie of [wrong, right]) expect(Buffer.from(cookie.split('.').at(-1)!, 'base64url').toString('latin1')).not.toContain('sk-')
    expect(await domain.dump()).not.toContain(key.key)
  })

  test('that cannot be looked up leads to a page that says so: an error page would have the key in its address', async () => {
    const { apiKeys } = domain.repos
    const { findByHash } = apiKeys
    apiKeys.findByHash = () => Promise.reject(new Error('the database is away'))
    const ticket = await open({ key: 'sk-not-in-memory-0123456789' })
    apiKeys.findByHash = findByHash
    await expect(look(ticket)).rejects.toMatchObject({ code: 'internal' })
  })

  test('no ticket, or one that has run out, shows nothing', async () => {
    const ticket = await open({ key: key.key })
    domain.time.now += 10 * 60_000
    for (const none of [ticket, '']) expect(await look(none)).toBeNull()
  })
})

describe('guessing', () => {
  test('of 10,000 keys from one address hardly any is looked up, and others are not kept waiting', async () => {
    const ip = '198.51.100.1'
    let lookedUp = 0
    const { apiKeys } = domain.repos
    const { findByHash } = apiKeys
    apiKeys.findByHash = async hash => (lookedUp++, findByHash(hash))
    const answers = { key: 0, throttled: 0 }
    for (let at = 0; at < 10_000; at++) {
      const failure: { code?: string } = await query().ask({ key: `sk-guess-number-${at}-of-many` }, ip).then(() => ({}), (error: { code: string }) => error)
      answers[failure.code === 'rate_limited' ? 'throttled' : 'key']++
    }
    apiKeys.findByHash = findByHash
    expect(answers).toEqual({ key: 20, throttled: 9_980 })
    expect(lookedUp).toBeLessThanOrEqual(20)
    // The right key is not found from there either, and says when.
    await expect(look(await open({ key: key.key }, ip))).rejects.toMatchObject({ code: 'rate_limited', options: { retryAfterMs: expect.any(Number) as number } })
    await expect(query().ask({ shareToken: 'share_0123456789' }, ip)).rejects.toMatchObject({ code: 'rate_limited' })
    expect((await look(await open({ key: key.key }, '203.0.113.9'))).key.name).toBe('laptop')
  })

  test('right keys do not count: somebody who looks often is never kept waiting', async () => {
    for (let at = 0; at < 50; at++) await query().ask({ key: key.key }, '203.0.113.10')
  })
})

describe('a link', () => {
  test('is told once and stored as a hash', async () => {
    const { token, id } = await share()
    expect(token).toMatch(/^share_[\w-]{43}$/)
    expect((await domain.services.shares.list(ann, key.id)).items.find(item => item.id === id)).toEqual({ id, keyId: key.id, name: 'for the team', scope: 'limits', createdAt: domain.time.now, expiresAt: null, lastUsedAt: null })
    expect(await domain.dump()).not.toContain(token)
  })

  test.each([['limits', false, false], ['stats', true, false], ['calls', true, true]] as const)('of scope %s shows what belongs to it and no more', async (scope, stats, calls) => {
    const { token } = await share({ scope })
    const seen = await look(await open({ shareToken: token }))
    expect([seen.stats !== null, seen.calls !== null]).toEqual([stats, calls])
    expect(seen).toMatchObject({ scope, share: { name: 'for the team', expiresAt: null }, key: { name: 'laptop', hint: null }, usage: { day: { usedNano: 250_000_000 } } })
    expect(JSON.stringify(seen)).not.toContain(key.lastFour)
  })

  test('notes its last use', async () => {
    const { token, id } = await share()
    await look(await open({ shareToken: token }))
    expect((await domain.repos.shareLinks.get(id))!.lastUsedAt).toBe(domain.time.now)
  })

  test('that ran out shows nothing, to those who look at it already either', async () => {
    const { token } = await share({ expiresAt: domain.time.now + 60_000 })
    const ticket = await open({ shareToken: token })
    expect((await look(ticket)).share).toEqual({ name: 'for the team', expiresAt: domain.time.now + 60_000 })
    domain.time.now += 60_000
    expect(await look(ticket)).toBeNull()
    await expect(look(await open({ shareToken: token }))).rejects.toMatchObject(problems('shareToken', 'errors.shareUnknown'))
  })

  test('that is revoked shows nothing more at once, and its key goes on', async () => {
    const { token, id } = await share()
    const ticket = await open({ shareToken: token })
    await domain.services.shares.revoke(ann, key.id, id)
    expect(await look(ticket)).toBeNull()
    expect((await domain.services.shares.list(ann, key.id)).items.map(item => item.id)).not.toContain(id)
    await expect(domain.services.shares.revoke(ann, key.id, id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await look(await open({ key: key.key }))).key.name).toBe('laptop')
  })

  test('ends with its key', async () => {
    const other = await addKey()
    const { token } = await share({}, other.id)
    const ticket = await open({ shareToken: token })
    await domain.services.keys.remove(ann, other.id)
    expect(await look(ticket)).toBeNull()
    await expect(query().ask({ shareToken: token }, IP)).rejects.toMatchObject(problems('shareToken', 'errors.shareUnknown'))
  })

  test('belongs to the key\'s owner and to admins; to others it is not found', async () => {
    const { id } = await share()
    const other = await addKey()
    const calls = [
      () => domain.services.shares.list(ben, key.id), () => share({}, key.id, ben), () => domain.services.shares.revoke(ben, key.id, id),
      // One's own key is no way to the link of another.
      () => domain.services.shares.revoke(ann, other.id, id),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'not_found' })
    expect((await domain.services.shares.list(admin, key.id)).items.map(item => item.id)).toContain(id)
  })

  test('is refused when it ends before it begins, and when there are too many', async () => {
    await expect(share({ expiresAt: domain.time.now })).rejects.toMatchObject(problems('expiresAt', 'errors.past'))
    const other = await addKey()
    for (let at = 0; at < 50; at++) await share({}, other.id)
    await expect(share({}, other.id)).rejects.toMatchObject(problems('name', 'errors.shareMany'))
  })

  test('is not opened by a key\'s value, nor a key by a token', async () => {
    const { token } = await share()
    await expect(query().ask({ key: token }, IP)).rejects.toMatchObject(problems('key', 'errors.keyUnknown'))
    await expect(query().ask({ shareToken: key.key }, IP)).rejects.toMatchObject(problems('shareToken', 'errors.shareUnknown'))
  })
})
