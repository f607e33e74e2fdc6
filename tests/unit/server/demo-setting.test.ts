import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '#server/config'
import { createOutbound } from '#server/lib/outbound'
import { createCall } from '#server/relay/call'
import { createPools } from '#server/relay/pools'

const server = createServer((_, response) => response.end('{}'))
const names: Record<string, string> = { 'inside.example': '127.0.0.1', 'office.example': '10.1.2.3', 'outside.example': '93.184.216.34' }
const resolve: Parameters<typeof createPools>[0]['resolve'] = (hostname, _, callback) => callback(null, [{ address: names[hostname]!, family: 4 }])
const pools = createPools({ connectTimeoutMs: 2_000, loopbackOnly: true, resolve })
const outbound = createOutbound({ loopbackOnly: true, resolve })
let port: number

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  await Promise.all([pools.close(), outbound.close()])
  server.closeAllConnections()
  server.close()
})

const ask = (host: string, proxyUrl: string | null = null, publicOnly = false) =>
  createCall(pools)({ origin: `http://${host}:${port}`, path: '/', method: 'GET', headers: [], body: null }, { publicOnly, proxyUrl }, { timeoutMs: 5_000 })

describe('a demo reaches this machine only', () => {
  test.each(['127.0.0.1', 'inside.example'])('%s is reached, for users\' accounts too', async (host) => {
    expect((await ask(host)).status).toBe(200)
    expect((await ask(host, null, true)).status).toBe(200)
    expect((await outbound.send({ url: `http://${host}:${port}/`, allowPrivate: false })).status).toBe(200)
  })

  test.each(['10.0.0.1', '93.184.216.34', '[2606:4700::1111]', 'office.example', 'outside.example'])('%s is not', async (host) => {
    const refused = { name: 'NotLoopbackError', code: 'not_loopback' }
    await expect(ask(host)).rejects.toMatchObject(refused)
    await expect(ask(host, null, true)).rejects.toMatchObject(refused)
    await expect(outbound.send({ url: `http://${host}:${port}/`, allowPrivate: true })).rejects.toMatchObject(refused)
  })

  test.each(['http', 'socks5'])('nor anything through a proxy by %s, which looks up by itself', async (scheme) => {
    await expect(ask('outside.example', `${scheme}://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'not_loopback' })
  })
})

describe('DEMO', () => {
  const demo = { DEMO: 'true', DEFAULT_ADMIN_PASSWORD: 'a-password-to-show' }

  test('is off unless it is asked for', () => {
    expect(readConfig({}).DEMO).toBe(false)
    expect(readConfig({ DEMO: 'false' }).DEMO).toBe(false)
    expect(readConfig(demo).DEMO).toBe(true)
    expect(() => readConfig({ ...demo, DEMO: 'perhaps' })).toThrow(/DEMO/)
  })

  test('shows a password, so it needs one that was meant for it', () => {
    expect(() => readConfig({ DEMO: 'true' })).toThrow(/DEFAULT_ADMIN_PASSWORD/)
  })

  test.each([
    ['MYSQL_HOST', { MYSQL_HOST: 'db.example.com' }], ['DATABASE_URL', { DATABASE_URL: 'mysql://db.example.com/relay' }],
    ['REDIS_HOST', { REDIS_HOST: 'kv.example.com' }], ['SMTP_HOST', { SMTP_HOST: 'mail.example.com', SMTP_FROM: 'a@example.com' }],
  ])('is refused together with %s', (name, more) => {
    expect(() => readConfig({ ...demo, ...more })).toThrow(ConfigError)
    expect(() => readConfig({ ...demo, ...more })).toThrow(name)
  })
})
