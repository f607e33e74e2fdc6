import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createCall } from '#server/relay/call'
import { createPools, type Pools } from '#server/relay/pools'
import { freePort } from '../helpers/ports'
import { startProxy, startSilence, type Proxy, type ProxyKind } from '../helpers/proxies'
import { describeWith } from '../helpers/services'
import { startUpstream, type Upstream } from '../helpers/upstream'

// tinyproxy's own file takes no special characters.
const logins = { socks5: { user: 'relay', password: 'p@ss:w/rd%' }, http: { user: 'relay', password: 'p-ss_word' } }
const kinds: ProxyKind[] = ['socks5', 'http']

describeWith(['proxy programs'], 'outbound proxies', () => {
  let upstream: Upstream
  let pools: Pools
  const proxies = new Map<ProxyKind, { open: Proxy, locked: Proxy }>()

  beforeAll(async () => {
    upstream = await startUpstream()
    pools = createPools({ connectTimeoutMs: 1_000 })
    for (const kind of kinds) proxies.set(kind, { open: await startProxy(kind), locked: await startProxy(kind, { login: logins[kind] }) })
  })
  afterAll(async () => {
    await pools?.close()
    await Promise.all([...proxies.values()].flatMap(({ open, locked }) => [open.close(), locked.close()]))
    await upstream?.close()
  })
  beforeEach(() => upstream.reset())

  const ask = (proxyUrl: string | null, origin = upstream.url, timeoutMs = 10_000) => createCall(pools)(
    { origin, path: '/v1/messages', method: 'POST', headers: ['content-type', 'application/json'], body: Buffer.from('{"model":"m","stream":true,"messages":[]}') }, { proxyUrl, publicOnly: false }, { timeoutMs })

  it.each(kinds)('%s carries a request and its streamed answer, with and without a login', async (kind) => {
    const { open, locked } = proxies.get(kind)!
    const direct = await ask(null)
    for (const proxy of [open, locked]) {
      const answer = await ask(proxy.url())
      expect(answer.status).toBe(200)
      expect(answer.body.length).toBe(direct.body.length)
    }
    expect(upstream.requests).toHaveLength(3)
    expect(JSON.stringify(upstream.requests.map(({ rawHeaders }) => rawHeaders))).not.toMatch(/proxy-|relay:/i)
  })

  it.each(kinds)('%s is kept open between requests', async (kind) => {
    const { locked } = proxies.get(kind)!
    await ask(locked.url())
    const ports = new Set<number | undefined>()
    upstream.script(() => ({ res }) => {
      ports.add(res.socket?.remotePort)
      res.writeHead(200).end('{}')
    })
    for (let i = 0; i < 10; i++) await ask(locked.url())
    // Who asks again in the very turn in which an answer ends may find its connection still taken.
    expect(ports.size).toBeLessThan(3)
  })

  it.each(kinds)('%s that wants another login says so, without the one it got', async (kind) => {
    const { locked } = proxies.get(kind)!
    for (const wrong of ['relay:wrong-password', '']) {
      const error = await ask(locked.url(wrong)).catch((it: unknown) => it)
      expect(error).toMatchObject({ name: 'ProxyError', code: 'proxy_auth', message: expect.stringContaining(`${kind}://127.0.0.1:${locked.port} does not accept`) as string })
      expect(String(error)).not.toContain('wrong-password')
    }
    expect(upstream.requests).toEqual([])
  })

  it.each(kinds)('%s whose upstream is not there says so', async (kind) => {
    const error = await ask(proxies.get(kind)!.open.url(), `http://127.0.0.1:${await freePort()}`).catch((it: unknown) => it)
    expect(error).toMatchObject({ code: 'proxy_refused' })
  })

  it('http that does not connect to that port says so', async () => {
    const narrow = await startProxy('http', { onlyPort: 443 })
    await expect(ask(narrow.url())).rejects.toMatchObject({ code: 'proxy_refused', message: expect.stringContaining('(403)') as string })
    await narrow.close()
  })

  it.each([...kinds, 'https'])('%s that is not there says so, by the name of the proxy', async (kind) => {
    const port = await freePort()
    await expect(ask(`${kind}://relay:secret-word@127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'proxy_unreachable', message: `The proxy ${kind}://127.0.0.1:${port} cannot be reached (ECONNREFUSED).`,
    })
  })

  it.each(kinds)('%s that never answers is given up after the time for connecting', async (kind) => {
    const silence = await startSilence()
    await expect(ask(`${kind}://127.0.0.1:${silence.port}`)).rejects.toMatchObject({ code: 'proxy_unreachable' })
    await silence.close()
  })

  it.each(kinds)('%s with a slow answer behind it is waited for', async (kind) => {
    upstream.script(() => async (exchange) => {
      await new Promise(resolve => setTimeout(resolve, 1_500))
      exchange.res.writeHead(200).end('{}')
    })
    expect((await ask(proxies.get(kind)!.locked.url())).body.toString()).toBe('{}')
  })
})
