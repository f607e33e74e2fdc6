import { describe, expect, it } from 'vitest'
import { readConfig } from '#server/config'
import { claudeCredentials, claudeOAuth } from '#server/platforms/claude/oauth'
import { claudeRequest } from '#server/platforms/claude/request'
import { claudeWindows } from '#server/platforms/claude/windows'
import { rawValues } from '../../helpers/http'
import { poolAccount } from '../../helpers/pool'

const account = poolAccount('a', { platform: 'claude', baseUrl: 'https://api.example.com/prefix/', credentials: { accessToken: 'sk-ant-oat01-x' } })
const request = (rawHeaders: string[]) => claudeRequest({ path: '/v1/messages', query: '?beta=true', rawHeaders, body: Buffer.from('{ "model" : "m" }'), facts: null }, account)
const NOW = Date.UTC(2026, 0, 5)

describe('a request to an official account', () => {
  it('carries its token and none of the client\'s credentials', () => {
    const { headers, origin, path } = request(['Authorization', 'Bearer sk-client', 'x-api-key', 'sk-client', 'User-Agent', 'some client/1', 'x-app', 'cli'])
    expect(JSON.stringify(headers)).not.toContain('sk-client')
    expect(rawValues(headers, 'authorization')).toEqual(['Bearer sk-ant-oat01-x'])
    expect(`${origin}${path}`).toBe('https://api.example.com/prefix/v1/messages?beta=true')
    expect(rawValues(headers, 'user-agent')).toEqual(['some client/1'])
  })

  it.each([
    ['none', [], ['oauth-2025-04-20']],
    ['others', ['anthropic-beta', 'a-1,b-2'], ['a-1,b-2,oauth-2025-04-20']],
    ['it already', ['Anthropic-Beta', 'a-1, oauth-2025-04-20 ,c'], ['a-1, oauth-2025-04-20 ,c']],
    ['an empty one', ['anthropic-beta', ''], ['oauth-2025-04-20']],
    ['several headers', ['anthropic-beta', 'a', 'x', 'y', 'anthropic-beta', 'b'], ['a,oauth-2025-04-20', 'b']],
    ['it in a second header', ['anthropic-beta', 'a', 'anthropic-beta', 'oauth-2025-04-20'], ['a', 'oauth-2025-04-20']],
  ])('names the OAuth beta once when the client sent %s', (_what, sent, expected) => {
    const { headers } = request(sent)
    expect(rawValues(headers, 'anthropic-beta')).toEqual(expected)
  })

  it('changes nothing else: no header of another client is made up', () => {
    expect(request(['anthropic-version', '2026-10-21', 'X-Odd', '1']).headers).toEqual(
      ['anthropic-version', '2026-10-21', 'X-Odd', '1', 'accept-encoding', 'identity', 'authorization', 'Bearer sk-ant-oat01-x', 'anthropic-beta', 'oauth-2025-04-20'],
    )
    expect(request([]).body?.toString()).toBe('{ "model" : "m" }')
  })
})

describe('the sign-in', () => {
  const endpoints = readConfig({}).claudeOAuth

  it('goes to the documented addresses by default', () => {
    const url = new URL(claudeOAuth.authorizeUrl(endpoints, { state: 's', challenge: 'c' }))
    expect(`${url.origin}${url.pathname}`).toBe('https://claude.ai/oauth/authorize')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      code: 'true', client_id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e', response_type: 'code', redirect_uri: 'https://console.anthropic.com/oauth/code/callback',
      scope: 'org:create_api_key user:profile user:inference', code_challenge: 'c', code_challenge_method: 'S256', state: 's',
    })
    const { origin, path } = claudeOAuth.exchange(endpoints, { code: 'x', state: 's', verifier: 'v' })
    expect(origin + path).toBe('https://console.anthropic.com/v1/oauth/token')
  })

  it('goes elsewhere by variables alone', () => {
    expect(readConfig({ CLAUDE_AUTH_BASE_URL: 'http://127.0.0.1:1/x/', CLAUDE_OAUTH_CLIENT_ID: 'mine' }).claudeOAuth).toEqual({
      authorizeUrl: 'http://127.0.0.1:1/x/oauth/authorize', tokenUrl: 'http://127.0.0.1:1/x/v1/oauth/token', redirectUri: 'http://127.0.0.1:1/x/oauth/code/callback', clientId: 'mine',
    })
    expect(readConfig({ CLAUDE_AUTHORIZE_URL: 'https://a.example/b' }).claudeOAuth.authorizeUrl).toBe('https://a.example/b')
  })

  const read = (status: number, body: unknown, before: Record<string, unknown> | null = null) =>
    claudeOAuth.read({ status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }, NOW, before)

  it('reckons the end from its own clock, and keeps the refresh token when no new one comes', () => {
    expect(read(200, { access_token: 'a', refresh_token: 'r', expires_in: 3600 })).toEqual({ kind: 'tokens', credentials: { accessToken: 'a', refreshToken: 'r', expiresAt: NOW + 3_600_000 } })
    expect(read(200, { access_token: 'a' }, { refreshToken: 'old' })).toEqual({ kind: 'tokens', credentials: { accessToken: 'a', refreshToken: 'old' } })
  })

  it.each([
    [400, { error: 'invalid_grant', error_description: 'gone' }, 'refused', '400 invalid_grant: gone'],
    [401, { type: 'error', error: { type: 'authentication_error', message: 'bad' } }, 'refused', '401 authentication_error: bad'],
    [403, '<html>blocked</html>', 'failed', '403'],
    [400, { error: 'temporarily_unavailable' }, 'failed', '400 temporarily_unavailable'],
    [429, { error: { type: 'rate_limit_error', message: 'slow' } }, 'failed', '429 rate_limit_error: slow'],
    [500, { error: 'invalid_grant' }, 'failed', '500 invalid_grant'],
    [200, '<html>', 'failed', 'The token endpoint answered something else than tokens.'],
  ])('takes %i %j as %s', (status, body, kind, evidence) => {
    expect(read(status, body)).toEqual({ kind, evidence })
  })

  it('takes setup tokens, and nothing that would break a header', () => {
    expect(claudeCredentials.safeParse({ accessToken: 'sk-ant-oat01-abc' }).success).toBe(true)
    expect(claudeCredentials.safeParse({ accessToken: 'a\nb' }).success).toBe(false)
    expect(claudeCredentials.safeParse({ apiKey: 'x' }).success).toBe(false)
    expect(claudeOAuth.refresh(endpoints, { accessToken: 'sk-ant-oat01-abc' })).toBeNull()
  })
})

describe('usage windows', () => {
  it('are read from the answer\'s headers, families too', () => {
    const reset = Math.round(NOW / 1000) + 3600
    expect(claudeWindows([
      'Anthropic-Ratelimit-Unified-Status', 'allowed',
      'anthropic-ratelimit-unified-5h-utilization', '0.25', 'anthropic-ratelimit-unified-5h-reset', String(reset), 'anthropic-ratelimit-unified-5h-status', 'allowed',
      'anthropic-ratelimit-unified-7d-utilization', '1.02', 'anthropic-ratelimit-unified-7d-reset', String(reset + 86_400),
      'anthropic-ratelimit-unified-7d_opus-utilization', '0', 'anthropic-ratelimit-unified-7d_opus-reset', new Date(reset * 1000).toISOString(),
      'anthropic-ratelimit-unified-representative-claim', 'five_hour',
    ], NOW)).toEqual([
      { id: '5h', used: 0.25, resetsAt: reset * 1000, status: 'allowed' },
      { id: '7d', used: 1.02, resetsAt: (reset + 86_400) * 1000, status: null },
      { id: '7d_opus', used: 0, resetsAt: reset * 1000, status: null },
    ])
  })

  it.each([
    [['anthropic-ratelimit-unified-5h-utilization', 'much']],
    [['anthropic-ratelimit-unified-5h-utilization', '-1', 'anthropic-ratelimit-unified-5h-reset', '99999999999']],
    [['anthropic-ratelimit-unified-5h-status', 'allowed']],
    [['anthropic-ratelimit-requests-reset', '1']],
  ])('that make no sense are left out: %j', (headers) => {
    expect(claudeWindows(headers, NOW)).toEqual([])
  })
})
