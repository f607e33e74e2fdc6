import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../helpers/http'
import { startServer, type TestServer } from '../helpers/server'

const names = ['setup.sh', 'setup.ps1']

describe('the set-up scripts', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(async () => await server?.remove())
  const ask = (name: string, headers: Record<string, string> = {}) => send({ url: `${server.url}/${name}`, method: 'GET', headers })

  test.each(names)('%s carries this server\'s address, as plain text that no cache keeps', async (name) => {
    const answer = await ask(name)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'vary': 'host, x-forwarded-host, x-forwarded-proto', 'x-content-type-options': 'nosniff',
    })
    expect(answer.text).toContain(`'${server.url}'`)
    expect(answer.text).not.toContain('{{')
  })

  test.each(names)('%s goes by the host that was asked for', async (name) => {
    expect((await ask(name, { host: 'relay.example:8443' })).text).toContain('\'http://relay.example:8443\'')
  })

  test.each([
    'a\';touch${IFS}owned;\'', 'a"b', 'a b', '$(id)', '`id`', 'a\\b', 'a;b', 'a&b', 'a|b', 'a>b', 'relay.example/path', 'user@relay.example', 'a{{settings.jq}}',
  ])('take nothing from the hostile host %s', async (host) => {
    for (const name of names) {
      const answer = await ask(name, { host })
      if (answer.status !== 200) continue
      expect(answer.text).toContain(`'http://localhost:${server.port}'`)
      expect(answer.text).not.toContain(host)
    }
  })

  test('believe a forwarded host and scheme from nobody', async () => {
    const text = (await ask('setup.sh', { 'x-forwarded-host': 'elsewhere.example', 'x-forwarded-proto': 'https' })).text
    expect(text).toContain(`'${server.url}'`)
    expect(text).not.toContain('elsewhere.example')
  })
})

describe.each([
  ['behind a proxy that is trusted', { TRUSTED_PROXIES: '127.0.0.1' }, 'https://elsewhere.example'],
  ['with an address of its own', { PUBLIC_URL: 'https://relay.example/it\'s/' }, 'https://relay.example/it%27s'],
])('the set-up scripts %s', (_where, env, address) => {
  test.each(names)('%s carries the public address', async (name) => {
    const server = await startServer(env)
    try {
      const answer = await send({ url: `${server.url}/${name}`, method: 'GET', headers: { 'x-forwarded-host': 'elsewhere.example', 'x-forwarded-proto': 'https' } })
      expect(answer.text).toContain(`'${address}'`)
    }
    finally {
      await server.remove()
    }
  })
})
