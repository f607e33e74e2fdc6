import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { send } from '../helpers/http'
import { smallBody, startRelay, type Relay } from '../helpers/relay'
import { readStream } from '../helpers/sse'

const page = 'https://app.example'
let relay: Relay
beforeAll(async () => {
  relay = await startRelay({ CORS_ORIGINS: `${page}, https://other.example` })
})
afterAll(async () => {
  await relay.close()
})
beforeEach(() => {
  relay.upstream.reset()
})

describe('the front door', () => {
  it.each(['HEAD', 'GET'])('%s answers 200 without a key', async (method) => {
    for (const path of ['', '/', '/api/hello', '/api/hello?x=1']) {
      const answer = await send({ url: relay.server.relay + path, method })
      expect(answer.status).toBe(200)
      expect(answer.headers['x-relay-request-id']).toMatch(/^req_/)
      expect(answer.body.length > 0).toBe(method === 'GET')
    }
  })

  it.each([
    ['authorization', (key: string) => `Bearer ${key}`], ['authorization', (key: string) => `bearer ${key}`],
    ['x-api-key', (key: string) => key], ['x-goog-api-key', (key: string) => key], ['api-key', (key: string) => key],
  ])('takes the key from %s', async (name, value) => {
    const stream = await readStream({ url: `${relay.server.relay}/v1/messages`, headers: { [name]: value(relay.key.key) }, body: smallBody() })
    expect(stream.complete()).toBe(true)
  })

  it('works with a base URL that ends in /v1', async () => {
    const { url: _, ...rest } = relay.ask()
    const stream = await readStream({ ...rest, url: `${relay.server.relay}/v1/v1/messages?beta=true` })
    expect(stream.complete()).toBe(true)
    expect(relay.upstream.requests[0]).toMatchObject({ path: '/v1/messages', query: '?beta=true' })
  })

  it('passes count_tokens on and writes no row for it', async () => {
    const { url, ...rest } = relay.ask({ model: 'only-counted', stream: undefined })
    const answer = await send({ ...rest, url: `${url}/count_tokens?beta=true` })
    expect(answer.json()).toEqual({ input_tokens: 4321 })
    await send(relay.ask({ model: 'after-the-count' }))
    await relay.api.waitForLogs(1, { model: 'after-the-count' })
    expect(await relay.api.listLogs({ model: 'only-counted' })).toEqual([])
  })

  it('answers on one kept-alive connection again and again', async () => {
    for (let turn = 0; turn < 5; turn++) expect((await send(relay.ask())).status).toBe(200)
    expect(relay.upstream.requests).toHaveLength(5)
  })
})

describe('CORS', () => {
  const preflight = (origin: string) => send({
    url: `${relay.server.relay}/v1/messages`, method: 'OPTIONS',
    headers: { 'origin': origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key, x-whatever' },
  })

  it('answers a preflight of an allowed origin', async () => {
    const answer = await preflight(page)
    expect(answer.status).toBe(204)
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': page, 'access-control-allow-headers': 'x-api-key, x-whatever' })
    expect(answer.headers['access-control-allow-methods']).toContain('POST')
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    expect(answer.headers.vary?.toLowerCase()).toContain('origin')
  })

  it('lets its pages read answers, our own errors too', async () => {
    const good = await send(relay.ask({}, { origin: page }))
    expect(good.headers['access-control-allow-origin']).toBe(page)
    expect(relay.upstream.requests[0]?.headers.origin).toBeUndefined()
    const { url } = relay.ask()
    const refused = await send({ url, headers: { origin: page }, body: smallBody() })
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, page])
  })

  it('tells strangers nothing', async () => {
    for (const answer of [await preflight('https://evil.example'), await send(relay.ask({}, { origin: 'https://evil.example' }))]) {
      expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control-'))).toEqual([])
    }
  })

  it('is off by default', async () => {
    await relay.server.stop()
    await relay.server.restart({ CORS_ORIGINS: '' })
    const answer = await preflight(page)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})
