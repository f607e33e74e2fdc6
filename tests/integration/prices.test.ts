import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiError, ListOf } from '#shared/types/api'
import type { PriceBookView, PricePreview, PriceVersionView, PriceView, WaitingModelView } from '#shared/types/price'
import { send } from '../helpers/http'
import { startRelay, type Relay } from '../helpers/relay'
import { ok } from '../helpers/upstream/behaviours'
import { poll } from '../helpers/until'

describe('prices', () => {
  let relay: Relay
  beforeAll(async () => {
    relay = await startRelay()
  })
  afterAll(() => relay?.close())

  const waiting = async () => (await relay.api.ok<ListOf<WaitingModelView>>('GET', '/api/admin/prices/waiting')).items

  async function spend(model: string) {
    relay.upstream.queue(ok({ model, usage: { input: 1000, output: 100, cacheRead: 0, write5m: 0, write1h: 0 } }))
    const { headers } = await send(relay.ask({ model, stream: false }))
    return relay.api.waitForLog(String(headers['x-relay-request-id']))
  }

  it('a model without one waits, is priced once it has one, and the next request has it at once', async () => {
    expect(await spend('glm-9')).toMatchObject({ priced: false, costNano: 0, repricedAt: null })
    expect(await waiting()).toMatchObject([{ model: 'glm-9', rows: 1, tokens: 1100 }])
    const set = await relay.api.ok<PriceView>('POST', '/api/admin/prices', { model: 'glm-*', input: '2', output: 8 })
    const row = await poll(async () => {
      const [found] = await relay.api.listLogs({ model: 'glm-9' })
      return found?.priced ? found : undefined
    }, 'the row to be priced')
    expect(row).toMatchObject({ costNano: 2_800_000, costUsd: '0.0028', priceVersion: set.version, priceVersionBefore: expect.stringContaining('claude-'), repricedAt: expect.any(Number) })
    expect(await waiting()).toEqual([])
    expect(await spend('glm-9')).toMatchObject({ priced: true, costNano: 2_800_000, priceVersion: set.version, priceVersionBefore: null })

    expect(await relay.api.ok<ListOf<PriceVersionView>>('GET', `/api/admin/prices/version?version=${set.version}`)).toMatchObject({ items: [{ model: 'glm-*', input: '2' }] })
    expect((await relay.api.call('DELETE', `/api/admin/prices/${set.id}`)).status).toBe(204)
    expect(await spend('glm-9')).toMatchObject({ priced: false, costNano: 0 })
  })

  it('a wrong one is refused at its field', async () => {
    const { status, body } = await relay.api.call<ApiError>('POST', '/api/admin/prices', { model: 'm', input: '1.1234567', output: 1, fast: { input: -1, output: 2 } })
    expect(status).toBe(400)
    expect(body.error.details).toMatchObject([{ path: 'input', key: 'errors.price' }, { path: 'fast.input', key: 'errors.price' }])
  })

  it('a file is looked at without a change, then taken over', async () => {
    const file = { 'zai/glm-7': { litellm_provider: 'zai', mode: 'chat', input_cost_per_token: 6e-7, output_cost_per_token: 2.2e-6, cache_read_input_token_cost: 1.1e-7 }, 'x': { mode: 'embedding' } }
    const preview = await relay.api.ok<PricePreview>('POST', '/api/admin/prices/preview/file?names=plain&name=list.json', file)
    expect(preview).toMatchObject({ source: 'list.json', rows: [{ model: 'glm-7', status: 'new', prices: { input: '0.6', output: '2.2', cacheRead: '0.11' } }, { model: 'x', status: 'refused', reason: 'notChat' }] })
    expect((await relay.api.ok<PriceBookView>('GET', '/api/admin/prices?kind=import')).items).toEqual([])
    const [row] = preview.rows
    expect(await relay.api.ok('POST', '/api/admin/prices/import', { source: preview.source, prices: [{ model: row?.model, ...row?.prices }] })).toEqual({ imported: 1 })
    expect((await relay.api.ok<PriceBookView>('GET', '/api/admin/prices?kind=import')).items).toMatchObject([{ model: 'glm-7', kind: 'import' }])
    expect(await spend('glm-7')).toMatchObject({ costNano: 820_000 })
    expect((await relay.api.call<ApiError>('POST', '/api/admin/prices/preview/file', '[]')).body.error.details).toMatchObject([{ path: 'file', key: 'errors.priceFile' }])
    expect((await relay.api.call<ApiError>('POST', '/api/admin/prices/preview/url', { url: 'http://127.0.0.1:9/x' })).body.error.details).toMatchObject([{ path: 'url', key: 'errors.urlPrivate' }])
  })

  it('a group bills by its terms, the list price stays', async () => {
    const group = await relay.api.ok<{ id: string }>('POST', '/api/groups', { name: 'half as much again', multiplierBp: 15_000, priceBy: 'served' })
    const account = await relay.api.addAccount({ baseUrl: relay.upstream.url, groupId: group.id })
    const key = await relay.api.addKey({ groupId: group.id })
    relay.upstream.queue(ok({ model: 'claude-opus-5-5', usage: { input: 1000, output: 0, cacheRead: 0, write5m: 0, write1h: 0 } }))
    const { headers } = await send(relay.ask({ model: 'claude-sonnet-5-5', stream: false }, { authorization: `Bearer ${key.key}` }))
    expect(await relay.api.waitForLog(String(headers['x-relay-request-id']))).toMatchObject({ accountId: account.id, costNano: 4_000_000, billedNano: 6_000_000, multiplierBp: 15_000, priceBy: 'served' })
  })
})
