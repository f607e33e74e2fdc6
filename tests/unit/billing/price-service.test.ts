import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { builtInPrices } from '#server/billing/built-in-prices'
import { createPriceDirectory } from '#server/billing/price-directory'
import { createChanges } from '#server/lib/changes'
import { createLogger } from '#server/lib/logger'
import type { Actor } from '#server/users/actor'
import { MAX_PRICE_FILE_BYTES } from '#shared/schemas/price'
import { noUsage } from '#shared/types/usage'
import { openDomain, type Domain } from '../../helpers/domain'

const five = { input: '2', output: '8', cacheRead: '0.2', cacheWrite5m: '2.5', cacheWrite1h: '4' }
const usage = { ...noUsage(), inputTokens: 1000 }
const silent = createLogger({ level: 'silent' })

let domain: Domain
let admin: Actor
beforeAll(async () => {
  domain = await openDomain()
  admin = await domain.addUser({ username: 'root', role: 'admin' })
})
afterAll(() => domain.close())
beforeEach(async () => {
  await domain.store.db.delete(domain.store.tables.prices)
  await domain.prices.load()
})
const cost = (model: string) => domain.prices.cost(model, usage, 10_000)

describe('own prices', () => {
  it('are in force once the answer is there, are versions of their own, and leave the built-in price as it was', async () => {
    expect(cost('claude-sonnet-5-5').costNano).toBe(2_000_000)
    const asked = domain.repriced.asked
    domain.time.now += 1000
    const first = await domain.services.prices.set(admin, { model: 'claude-sonnet-5-5', ...five, input: '3' })
    expect(first).toMatchObject({ kind: 'own', hidesBuiltIn: true, input: '3', fast: null, webSearch: '0.01' })
    expect(cost('claude-sonnet-5-5[1m]')).toMatchObject({ costNano: 3_000_000, priceVersion: first.version })
    domain.time.now += 1000
    const second = await domain.services.prices.set(admin, { model: 'claude-sonnet-5-5', ...five, input: 4.5 })
    expect(cost('claude-sonnet-5-5')).toMatchObject({ costNano: 4_500_000, priceVersion: second.version })
    expect(domain.prices.version).toMatch(/^claude-.{23}\+[0-9a-f]{12}$/)
    expect(domain.prices.version.length).toBeLessThanOrEqual(64)
    await domain.services.prices.remove(admin, second.id ?? '')
    expect(cost('claude-sonnet-5-5')).toMatchObject({ costNano: 2_000_000, priceVersion: builtInPrices().version })
    expect(domain.repriced.asked - asked).toBe(3)
    await expect(domain.services.prices.remove(admin, second.id ?? '')).rejects.toMatchObject({ code: 'not_found' })

    const history = await domain.services.prices.history(admin, 'claude-sonnet-5-5')
    expect(history.map(({ kind, input, createdByName, endedByName, endedAt }) => [kind, input, createdByName, endedByName, endedAt !== null])).toEqual([
      ['own', '4.5', 'root', 'root', true], ['own', '3', 'root', 'root', true], ['builtin', '2', null, null, false],
    ])
    expect(await domain.services.prices.version(admin, first.version, undefined)).toMatchObject([{ model: 'claude-sonnet-5-5', input: '3' }])
    expect(await domain.services.prices.version(admin, builtInPrices().version, 'claude-sonnet-4-5-20250929')).toMatchObject([{ model: 'claude-sonnet-4-5', input: '3' }])
    const audit = (await domain.audit()).filter(row => row.targetType === 'price')
    expect(audit.map(({ action, targetName }) => [action, targetName])).toEqual([['price.create', 'claude-sonnet-5-5'], ['price.update', 'claude-sonnet-5-5'], ['price.delete', 'claude-sonnet-5-5']])
    expect(JSON.parse(audit[1]?.after ?? '')).toMatchObject({ input: '4.5' })
  })

  it('left-out cache prices are the input price, fast mode and the step bring their own', async () => {
    await domain.services.prices.set(admin, { model: 'glm-9', input: '0.5', output: '2', fast: { input: '1', output: '4' }, longPrompt: { above: 1000, input: '0.7', output: '3', cacheRead: '0.01' }, webSearch: 0 })
    const of = (some: object) => domain.prices.cost('glm-9', { ...noUsage(), ...some }, 10_000).costNano
    expect(of({ cacheReadTokens: 1000 })).toBe(500_000)
    expect(of({ cacheReadTokens: 1001 })).toBe(10_010)
    expect(of({ cacheWrite1hTokens: 1000, speed: 'fast' })).toBe(1_000_000)
    expect(of({ webSearches: 5 })).toBe(0)
  })

  it('a price that cannot be read in the database does not count and holds up no other', async () => {
    await domain.services.prices.set(admin, { model: 'm2', ...five })
    await domain.store.db.insert(domain.store.tables.prices).values({ id: 'p1', model: 'm1', price: '{"base":{"input":-1}}', version: 'own-p1', createdAt: 1 })
    await domain.changes.emit('price', 'x')
    expect([cost('m1').priced, cost('m2').priced]).toEqual([false, true])
  })

  it('a change that another instance made is taken in', async () => {
    const changes = createChanges()
    const other = createPriceDirectory({ prices: domain.repos.prices, changes, clock: domain.clock, logger: silent })
    await other.load()
    await domain.services.prices.set(admin, { model: 'glm-9', ...five })
    expect(other.find('glm-9')).toBeNull()
    await changes.receive('price', 'any')
    expect(other.find('glm-9')).toMatchObject({ kind: 'own' })
  })

  it('the list is searched, filtered and paged by name; an own price hides the built-in one', async () => {
    await domain.services.prices.set(admin, { model: 'claude-opus-5-5', ...five })
    await domain.services.prices.set(admin, { model: '模型/a*', ...five })
    const all = domain.services.prices.list(admin, { limit: 200 })
    expect(all.items).toHaveLength(builtInPrices().models.size + 1)
    expect(all.items.find(({ model }) => model === 'claude-opus-5-5')).toMatchObject({ kind: 'own', hidesBuiltIn: true })
    expect(domain.services.prices.list(admin, { limit: 200, kind: 'own' }).items).toHaveLength(2)
    expect(domain.services.prices.list(admin, { limit: 200, q: 'OPUS-4' }).items.length).toBeGreaterThan(3)
    const names: string[] = []
    for (let cursor: string | undefined, page = 0; page < 20; page++) {
      const answer = domain.services.prices.list(admin, { limit: 7, cursor })
      names.push(...answer.items.map(({ model }) => model))
      if (answer.nextCursor === null) break
      cursor = answer.nextCursor
    }
    expect(names).toEqual(all.items.map(({ model }) => model))
  })

  it('nobody but an admin sees or changes them', async () => {
    const user = await domain.addUser({ username: 'someone' })
    const { prices, priceImport } = domain.services
    const calls = [
      () => prices.list(user, { limit: 5 }), () => prices.waiting(user), () => prices.set(user, { model: 'm', ...five }), () => prices.remove(user, 'x'), () => prices.history(user, 'm'),
      () => prices.version(user, 'v', undefined), () => prices.import(user, { source: 's', prices: [{ model: 'm', ...five }] }),
      () => priceImport.file(user, Buffer.from('{}'), 'f', { names: 'full' }), () => priceImport.url(user, { url: 'http://example.com/', allowPrivate: false }, { names: 'full' }),
    ]
    for (const call of calls) await expect((async () => call())()).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('an import', () => {
  it('takes over all or nothing, and a model has one price afterwards', async () => {
    await domain.services.prices.set(admin, { model: 'a/glm', ...five })
    expect(await domain.services.prices.import(admin, { source: 'list.json', prices: [{ model: 'a/glm', ...five, input: '7' }, { model: 'b', ...five }] })).toEqual({ imported: 2 })
    expect(cost('a/glm').costNano).toBe(7_000_000)
    expect(domain.services.prices.list(admin, { limit: 50, kind: 'import' }).items.map(({ model }) => model)).toEqual(['a/glm', 'b'])
    expect((await domain.services.prices.history(admin, 'b'))[0]).toMatchObject({ kind: 'import', source: 'list.json' })
    await expect(domain.services.prices.import(admin, { source: 's', prices: [{ model: 'x', ...five }, { model: 'x', ...five }] })).rejects.toMatchObject({ code: 'validation' })
    await expect(domain.services.prices.import(admin, { source: 's', prices: [{ model: 'x*', ...five }] })).rejects.toMatchObject({ code: 'validation' })
    expect(cost('x').priced).toBe(false)
  })

  it('a broken file is told by its field', async () => {
    await expect(domain.services.priceImport.file(admin, Buffer.from('{"a": '), 'f', { names: 'full' })).rejects.toMatchObject({ code: 'validation', options: { details: [{ path: 'file', key: 'errors.priceFile' }] } })
  })
})

describe('an address', () => {
  let server: Server
  let base: string
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/list') response.end('{"m": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}')
      else if (request.url === '/big') response.end(Buffer.alloc(MAX_PRICE_FILE_BYTES + 10, 32))
      else if (request.url === '/moved') response.writeHead(302, { location: '/list' }).end()
      else response.writeHead(404).end('secret inside text')
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise<void>(resolve => void server.close(() => resolve())))
  const from = (url: string, allowPrivate: boolean) => domain.services.priceImport.url(admin, { url, allowPrivate }, { names: 'full' })

  it('of the operator\'s own network needs the admin\'s word', async () => {
    await expect(from(`${base}/list`, false)).rejects.toMatchObject({ options: { details: [{ path: 'url', key: 'errors.urlPrivate' }] } })
    expect(await from(`${base}/list`, true)).toMatchObject({ source: `${base}/list`, rows: [{ name: 'm', status: 'new', prices: { input: '1' } }] })
  })

  it.each([['/no', 'HTTP 404'], ['/moved', 'HTTP 302'], ['/big', `more than ${MAX_PRICE_FILE_BYTES} bytes`]])('%s says %s', async (path, reason) => {
    await expect(from(base + path, true)).rejects.toMatchObject({ options: { details: [{ path: 'url', key: 'errors.priceUrl', params: { reason } }] } })
  })

  it('with a login, without an answer, or none at all, is refused', async () => {
    await expect(from('http://user:pw@example.com/', false)).rejects.toMatchObject({ options: { details: [{ key: 'errors.urlLogin' }] } })
    await expect(from('http://127.0.0.1:9/', true)).rejects.toMatchObject({ options: { details: [{ key: 'errors.priceUrl' }] } })
    await expect(from('http://[', true)).rejects.toMatchObject({ options: { details: [{ key: 'errors.url' }] } })
  })
})
