import { describe, expect, it } from 'vitest'
import { clientHeaders, headerOf, upstreamHeaders } from '#server/relay/headers'

describe('headers to an upstream', () => {
  it('passes unknown headers on in order and spelling', () => {
    const raw = ['X-Unknown', '1', 'anthropic-beta', 'a,b', 'Anthropic-Version', '2026-10-21', 'X-Unknown', '2', 'User-Agent', 'claude-cli/2.1.330']
    expect(upstreamHeaders(raw)).toEqual([...raw, 'accept-encoding', 'identity'])
  })

  it('lets no credential, cookie, forwarding or hop-by-hop header out', () => {
    const raw = ['Authorization', 'x-api-key', 'X-Goog-Api-Key', 'api-key', 'Cookie', 'Connection', 'Keep-Alive', 'TE', 'Trailer', 'Upgrade', 'Transfer-Encoding', 'Host', 'Content-Length', 'Expect', 'Accept-Encoding', 'X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP', 'CF-Connecting-IP', 'X-Relay-Account'].flatMap(name => [name, 'secret'])
    expect(upstreamHeaders(raw)).toEqual(['accept-encoding', 'identity'])
  })

  it('drops what the connection header names', () => {
    expect(upstreamHeaders(['Connection', 'close, X-Hop', 'x-hop', '1', 'x-stay', '2'])).toEqual(['x-stay', '2', 'accept-encoding', 'identity'])
  })
})

describe('headers to the client', () => {
  it('keeps the answer\'s own and drops the account\'s', () => {
    const raw = ['Content-Type', 'text/event-stream', 'request-id', 'req_1', 'retry-after', '7', 'x-should-retry', 'true', 'anthropic-ratelimit-unified-reset', '1', 'Anthropic-Organization-Id', 'org', 'Set-Cookie', 'a=b', 'Strict-Transport-Security', 'max-age=1', 'Connection', 'keep-alive', 'Transfer-Encoding', 'chunked', 'Access-Control-Allow-Origin', '*', 'X-Relay-Request-Id', 'theirs']
    expect(clientHeaders(raw, false)).toEqual(['Content-Type', 'text/event-stream', 'request-id', 'req_1', 'retry-after', '7', 'x-should-retry', 'true'])
  })

  it('describes a decoded body truthfully', () => {
    const raw = ['Content-Encoding', 'gzip', 'Content-Length', '10', 'Content-Type', 'application/json']
    expect(clientHeaders(raw, true)).toEqual(['Content-Type', 'application/json'])
    expect(clientHeaders(raw, false)).toEqual(raw)
  })

  it('finds a header whatever its spelling', () => {
    expect(headerOf(['Request-Id', 'x'], 'request-id')).toBe('x')
    expect(headerOf([], 'request-id')).toBeUndefined()
  })
})
