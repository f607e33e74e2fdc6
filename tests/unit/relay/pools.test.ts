import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCall } from '#server/relay/call'
import { createPools, type Pools } from '#server/relay/pools'

/** Nothing that a user entered may lead into the operator's network, by whatever way. */

let server: Server
let port: number
let hits: string[]
let connections: number
let pools: Pools
/** What the names resolve to now. */
let names: Record<string, string[]>
let lookups: string[]

beforeEach(async () => {
  hits = []
  lookups = []
  connections = 0
  names = { 'inside.example': ['127.0.0.1'], 'inside6.example': ['::1'], 'both.example': ['93.184.216.34', '127.0.0.1'], 'mapped.example': ['::ffff:127.0.0.1'], 'nat64.example': ['64:ff9b::7f00:1'] }
  server = createServer((request, response) => {
    hits.push(request.url ?? '')
    if (request.url === '/moved') response.writeHead(302, { location: `http://127.0.0.1:${port}/arrived` })
    response.end('{}')
  }).on('connection', () => connections++).listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  pools = createPools({
    connectTimeoutMs: 2_000,
    resolve(hostname, _, callback) {
      lookups.push(hostname)
      const found = names[hostname]
      if (found) callback(null, found.map(address => ({ address, family: address.includes(':') ? 6 : 4 })))
      else callback(Object.assign(new Error(`no such name ${hostname}`), { code: 'ENOTFOUND' }), [])
    },
  })
})
afterEach(async () => {
  await pools.close()
  server.closeAllConnections()
  server.close()
})

const ask = (origin: string, { publicOnly = true, proxyUrl = null as string | null, path = '/x' } = {}) =>
  createCall(pools)({ origin, path, method: 'GET', headers: [], body: null }, { publicOnly, proxyUrl }, { timeoutMs: 5_000 })
const refused = { name: 'PrivateAddressError', code: 'private_address', message: expect.stringContaining('has to belong to an admin') as string }

describe('without a proxy', () => {
  test.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '10.0.0.1', '100.64.0.1', '0.0.0.0', '[64:ff9b::7f00:1]', 'inside.example', 'inside6.example', 'both.example', 'mapped.example', 'nat64.example'])('%s is refused before anything is connected', async (host) => {
    await expect(ask(`http://${host}:${port}`)).rejects.toMatchObject(refused)
    await expect(ask(`https://${host}:${port}`)).rejects.toMatchObject(refused)
    expect(connections).toBe(0)
  })

  test.each(['0x7f.1', '2130706433', '0177.0.0.1', '127.1'])('an origin that is not normalised, %s, is refused too', async (host) => {
    await expect(ask(`http://${host}:${port}`)).rejects.toMatchObject(refused)
    expect(connections).toBe(0)
  })

  test('a name is looked at anew for each connection', async () => {
    names['rebound.example'] = ['192.0.0.1']
    await expect(ask(`http://rebound.example:${port}`)).rejects.toMatchObject(refused)
    names['rebound.example'] = ['127.0.0.1']
    await expect(ask(`http://rebound.example:${port}`)).rejects.toMatchObject(refused)
    expect(lookups).toEqual(['rebound.example', 'rebound.example'])
    expect(connections).toBe(0)
  })

  test('an admin\'s account gets there, once per connection looked up', async () => {
    for (let i = 0; i < 3; i++) expect((await ask(`http://inside.example:${port}`, { publicOnly: false })).status).toBe(200)
    expect(lookups.length).toBe(connections)
    expect(connections).toBeLessThan(3)
  })

  test('a connection that an admin\'s account left open is not lent to a user\'s', async () => {
    await ask(`http://inside.example:${port}`, { publicOnly: false, path: '/admin' })
    await expect(ask(`http://inside.example:${port}`, { path: '/user' })).rejects.toMatchObject(refused)
    expect(hits).toEqual(['/admin'])
  })

  test('a redirect is an answer, never followed', async () => {
    expect((await ask(`http://inside.example:${port}`, { publicOnly: false, path: '/moved' })).status).toBe(302)
    expect(hits).toEqual(['/moved'])
  })

  test('the words do not tell what the name resolves to', async () => {
    names['secret.example'] = ['10.11.12.13']
    const error = await ask('http://secret.example').catch(String)
    expect(error).toContain('secret.example')
    expect(error).not.toContain('10.11')
  })
})

describe.each(['http', 'https', 'socks5', 'socks5h'])('through a proxy by %s', (kind) => {
  test.each(['127.0.0.1', '[::1]', 'inside.example', 'both.example', '0x7f.1'])('a proxy at %s is not connected to', async (host) => {
    await expect(ask('http://api.example.com', { proxyUrl: `${kind}://user:secret-word@${host}:${port}` })).rejects.toMatchObject(refused)
    expect(connections).toBe(0)
  })

  test.each(['127.0.0.1', '[fd00::1]', '10.0.0.1', '169.254.169.254', 'localhost', '0x7f.1', 'redis', 'vault.internal'])('a public proxy is not asked for %s', async (host) => {
    await expect(ask(`http://${host}:${port}`, { proxyUrl: `${kind}://8.8.8.8:1` })).rejects.toMatchObject(refused)
  })

  test('an admin\'s proxy may be anywhere', async () => {
    const error = await ask('http://10.0.0.1', { publicOnly: false, proxyUrl: `${kind}://inside.example:${port}` }).catch((it: unknown) => it)
    expect(error).toMatchObject({ name: 'ProxyError' })
    expect(connections).toBe(1)
  })
})
