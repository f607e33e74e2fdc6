import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HelpView } from '#shared/types/help'
import { languages } from '#shared/utils/language'
import { createApiClient } from '../helpers/api'
import { send, type Received } from '../helpers/http'
import { startServer, type TestServer } from '../helpers/server'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => await server?.remove())

const ask = (path: string, headers: Record<string, string> = {}): Promise<Received> =>
  send({ url: server.url + path, method: 'GET', headers: { 'accept': 'text/html', 'accept-language': 'en', ...headers } })
const pathOf = (slug: string) => slug === 'index' ? '/help' : `/help/${slug}`

describe('the pages of the help', () => {
  test.each(languages)('in %s lead to nothing that is missing', async (language) => {
    const { contents } = await createApiClient(server.url).ok<HelpView>('GET', `/api/public/help?language=${language}`)
    const texts = new Map<string, string>()
    for (const { slug } of contents) {
      const { status, text } = await ask(pathOf(slug), { 'accept-language': language })
      expect(status, slug).toBe(200)
      expect(text).toContain(`lang="${language}"`)
      texts.set(pathOf(slug), text)
    }
    const checked = new Map<string, number>()
    for (const [path, text] of texts) {
      for (const [, href = ''] of text.matchAll(/<a\b[^>]*\shref="((?:\/|#)[^"]*)"/g)) {
        const { pathname, hash } = new URL(href.replaceAll('&amp;', '&'), server.url + path)
        if (!checked.has(pathname)) checked.set(pathname, texts.has(pathname) ? 200 : (await ask(pathname)).status)
        expect(checked.get(pathname), `${path}: ${href}`).toBeLessThan(400)
        if (hash) expect(texts.get(pathname) ?? '', `${path}: ${href}`).toContain(`id="${decodeURIComponent(hash.slice(1))}"`)
      }
    }
    expect(checked.size).toBeGreaterThan(10)
  })

  test('are the same for everybody, and hold nothing of whoever asked first', async () => {
    const secret = 'sk-a-visitor-s-own-key-0123456789'
    const first = await ask('/help/setup', {
      'cookie': `relay-zone=Pacific%2FChatham; relay-tables=${secret}; relay-session=${secret}`, 'authorization': `Bearer ${secret}`, 'referer': `http://x/${secret}`, 'user-agent': secret, 'x-forwarded-host': 'elsewhere.example',
    })
    const second = await ask('/help/setup')
    expect(second.text).toBe(first.text)
    expect(first.text).not.toMatch(/sk-a-visitor|Chatham|elsewhere/)
    expect(second.headers).toMatchObject({ 'content-type': 'text/html;charset=utf-8', 'cache-control': 'private, no-cache', 'vary': expect.stringContaining('host') as string, 'x-content-type-options': 'nosniff' })
    expect(second.headers['content-security-policy']).toContain('\'sha256-')
    expect(first.headers['x-relay-request-id']).not.toBe(second.headers['x-relay-request-id'])
    expect(first.headers['set-cookie']).toBeUndefined()
  })

  test('speak the language that was chosen, else the browser\'s', async () => {
    expect((await ask('/help', { cookie: 'relay-lang=zh-CN' })).text).toContain('lang="zh-CN"')
    expect((await ask('/help', { 'accept-language': 'zh' })).text).toContain('lang="zh-CN"')
    expect((await ask('/help')).text).toContain('lang="en"')
    const chosen = await ask('/help?lang=zh-CN')
    expect([chosen.text.includes('lang="zh-CN"'), String(chosen.headers['set-cookie'])]).toEqual([true, expect.stringContaining('relay-lang=zh-CN')])
  })

  test('name the host that was asked for, and never another one\'s', async () => {
    for (const host of ['one.example', 'two.example:8443', 'one.example']) {
      const { text } = await ask('/help', { host })
      expect(text).toContain(`http://${host}/claude-code`)
      expect(text).not.toContain(host === 'one.example' ? 'two.example' : 'one.example')
      expect(text).not.toContain(`127.0.0.1:${server.port}`)
    }
  })

  test.each(['a\';id;\'', 'a"><script>alert(1)</script>', 'a b', '$(id)', '`id`'])('take nothing from the hostile host %s', async (host) => {
    const answer = await ask('/help', { host })
    if (answer.status !== 200) return
    expect(answer.text).toContain(`http://localhost:${server.port}/claude-code`)
    for (const form of [host, encodeURIComponent(host), host.replaceAll('"', '\\"')]) expect(answer.text).not.toContain(form)
  })

  test('follow what the operator changes, at once', async () => {
    const before = await ask('/help')
    const api = await server.login()
    await api.ok('PATCH', '/api/admin/settings', { operator: { name: 'A Relay By Any Other Name' } })
    expect(before.text).not.toContain('By Any Other Name')
    expect((await ask('/help')).text).toContain('A Relay By Any Other Name')
  })

  test('answer HEAD, lead from /help/index to /help, and are missing where there is none', async () => {
    const head = await send({ url: `${server.url}/help`, method: 'HEAD' })
    expect([head.status, head.body.length]).toEqual([200, 0])
    const index = await ask('/help/index')
    expect([index.status, index.headers.location]).toEqual([301, '/help'])
    expect((await ask('/help/no-such-page')).status).toBe(404)
    expect((await ask('/helpless')).status).toBe(404)
  })
})

describe('the pages of the help behind a proxy', () => {
  test('take its word for host and scheme only when it is trusted, and PUBLIC_URL above all', async () => {
    const headers = { 'accept': 'text/html', 'x-forwarded-host': 'relay.example', 'x-forwarded-proto': 'https' }
    for (const [env, address] of [[{ TRUSTED_PROXIES: '127.0.0.1' }, 'https://relay.example/claude-code'], [{ PUBLIC_URL: 'https://public.example/' }, 'https://public.example/claude-code']] as const) {
      const other = await startServer(env)
      try {
        for (let turn = 0; turn < 2; turn++) expect((await send({ url: `${other.url}/help`, method: 'GET', headers })).text).toContain(address)
      }
      finally {
        await other.remove()
      }
    }
  })
})
