import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ApiError } from '#shared/types/api'
import type { AboutView, PublicSettings, SettingsView } from '#shared/types/settings'
import type { ApiClient } from '../helpers/api'
import { beginnings, noPictures, pngPixel } from '../helpers/pictures'
import { startServer, type TestServer } from '../helpers/server'

let server: TestServer
let api: ApiClient
const path = '/api/admin/settings/logo'
const put = (bytes: Buffer) => api.call<SettingsView & ApiError>('PUT', path, { data: bytes.toString('base64') })
const look = (query = '', headers: Record<string, string> = {}) => fetch(`${server.url}/operator/logo${query}`, { headers })

beforeAll(async () => {
  server = await startServer()
  api = await server.login()
})
afterAll(() => server?.remove())

describe('the operator\'s picture', () => {
  beforeEach(() => api.call('DELETE', path))

  test('is not found before there is one', async () => {
    const answer = await look()
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'no-store'])
    expect(await answer.text()).not.toContain('<')
    expect((await api.call('DELETE', path)).status).toBe(404)
  })

  test.each(Object.entries(beginnings))('of the kind %s is served as that, and as nothing that runs', async (type, bytes) => {
    const { body: { logoVersion } } = await put(bytes)
    const answer = await look(`?v=${logoVersion}`)
    expect(answer.status).toBe(200)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
    const headers = Object.fromEntries(answer.headers)
    expect(headers).toMatchObject({ 'content-type': type, 'x-content-type-options': 'nosniff', 'etag': `"${logoVersion}"`, 'cache-control': 'public, max-age=31536000, immutable' })
    expect(headers['content-security-policy']).toBe('default-src \'none\'; frame-ancestors \'none\'; sandbox')
    expect(headers).not.toHaveProperty('set-cookie')
  })

  test('is not sent again to who has it', async () => {
    const { body: { logoVersion } } = await put(pngPixel)
    expect((await look()).headers.get('cache-control')).toBe('public, no-cache')
    const same = await look('', { 'if-none-match': `"${logoVersion}"` })
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', `"${logoVersion}"`])
    await put(beginnings['image/webp'])
    expect((await look('', { 'if-none-match': `"${logoVersion}"` })).status).toBe(200)
  })

  test.each(Object.entries(noPictures))('is refused when it is %s, at its field', async (_what, bytes) => {
    const { status, body } = await put(bytes)
    expect([status, body.error.code, body.error.details]).toEqual([400, 'validation', [{ path: 'data', key: 'errors.pictureType', message: 'must be a PNG, JPEG or WebP picture' }]])
    expect((await look()).status).toBe(404)
  })

  test('is refused when it is too large, at its field', async () => {
    const { status, body } = await put(Buffer.concat([pngPixel, Buffer.alloc(64 * 1024)]))
    expect([status, body.error.details]).toEqual([400, [{ path: 'data', key: 'errors.pictureSize', message: 'may have at most 64 KiB' }]])
    expect((await api.call('PUT', path, { data: 'A'.repeat(2 * 1024 * 1024) })).status).toBe(413)
  })

  test('is told to visitors by its version only, and survives a restart', async () => {
    const { body: { logoVersion } } = await put(pngPixel)
    await server.stop()
    await server.restart()
    api = await server.login()
    const known = await (await fetch(`${server.url}/api/settings/public`)).json() as PublicSettings
    expect(known.logoVersion).toBe(logoVersion)
    expect(JSON.stringify(known)).not.toContain(pngPixel.toString('base64').slice(0, 12))
    expect(Buffer.from(await (await look()).arrayBuffer())).toEqual(pngPixel)
    const page = await (await fetch(server.url)).text()
    expect(page).toContain(`src="/operator/logo?v=${logoVersion}"`)
  })
})

describe('the operator\'s words', () => {
  const about = async (language: string) => await (await fetch(`${server.url}/api/public/about?language=${language}`)).json() as AboutView

  test('are there for everybody, without what would run in a page', async () => {
    expect(await about('en')).toEqual({ html: null, language: 'en' })
    await api.ok('PATCH', '/api/admin/settings', { operator: { aboutEn: '# Ours\n\n<script>alert(1)</script>\n\n[write](mailto:ops@example.com) [no](javascript:alert(1))' } })
    const { html, language } = await about('zh-CN')
    expect(language).toBe('en')
    expect(html).toContain('<h3>Ours</h3>')
    expect(html).toContain('&lt;script&gt;')
    expect(html).toContain('<a href="mailto:ops@example.com" rel="noopener nofollow">write</a>')
    expect(html).not.toMatch(/<script|javascript:/)
    const answer = await fetch(`${server.url}/api/public/about?language=fr`)
    expect(answer.status).toBe(400)
  })

  test('are not longer than a page holds', async () => {
    const { status, body } = await api.call<ApiError>('PATCH', '/api/admin/settings', { operator: { aboutZh: 'x'.repeat(8_001) } })
    expect([status, body.error.details]).toMatchObject([400, [{ path: 'operator.aboutZh', key: 'errors.tooLong' }]])
  })
})
