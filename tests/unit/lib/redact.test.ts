import { describe, expect, it } from 'vitest'
import { redactText } from '#server/lib/redact'

describe('redactText', () => {
  it.each([
    ['key sk-ant-api03-AbC_12-xyz is bad', 'key sk-[hidden] is bad'],
    ['/stats/api-key?share=share_0123456789-abcdefghij_K', '/stats/api-key?share=share_[hidden]'],
    ['"sk-12345678"', '"sk-[hidden]"'],
    ['Authorization: Bearer eyJhbGci.OiJI.Uz-_+/=', 'Authorization: Bearer [hidden]'],
    ['authorization: basic dXNlcjpwYXNz', 'authorization: basic [hidden]'],
    ['connect redis://:p%40ss@cache:6379/0 failed', 'connect redis://[hidden]@cache:6379/0 failed'],
    ['via socks5://user:pa@ss@10.0.0.1:1080', 'via socks5://[hidden]@10.0.0.1:1080'],
    ['mysql://root@db/relay', 'mysql://[hidden]@db/relay'],
    ['GET /stats/api-key?api_key=cr_abc123&x=1', 'GET /stats/api-key?api_key=[hidden]&x=1'],
    ['?x=1&apiKey=abc&access_token=def#top', '?x=1&apiKey=[hidden]&access_token=[hidden]'],
    ['x-api-key: my-own-key', 'x-api-key: [hidden]'],
    ['{"refresh_token":"ort-1 2","model":"m"}', '{"refresh_token":"[hidden]","model":"m"}'],
    ['body {\\"apiKey\\":\\"abc\\"}', 'body {\\"apiKey\\":\\"[hidden]\\"}'],
    ['first\\nsk-ant-abcdefgh', 'first\\nsk-[hidden]'],
    ['\\u001bBearer abcdefgh', '\\u001bBearer [hidden]'],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected)
    expect(redactText(expected)).toBe(expected)
  })

  it.each([
    'POST https://api.example.com/v1/messages 529',
    'share_links_token_idx share_link.create',
    'task-management risk-assessment desk-12345678',
    '{"inputTokens":12,"max_tokens":4096,"tokenCount":3}',
    'mail to admin@example.com at https://example.com/@scope/pkg',
    'Unexpected token < in JSON at position 0',
    '',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text)
  })

  it('keeps JSON text JSON', () => {
    const line = JSON.stringify({ 'a': 'sk-aaaaaaaa"\n\\', 'b': 'Bearer "x"', 'c': 'redis://a:b"@c', 'd': ['password: x', 'token=1'], 'token': 12, 'max-token': 5, 'e': 'secret="q"' })
    expect(JSON.parse(redactText(line))).toMatchObject({ 'token': 12, 'max-token': 5, 'd': ['password: [hidden]', 'token=[hidden]'] })
  })

  it('stays linear on long hostile text', () => {
    const hostile = ['a', '://', 'sk-', 'Bearer ', 'token=', 'password: ', '\\n'].map(part => part.repeat(200_000 / part.length)).join(' ')
    expect(redactText(hostile).length).toBeGreaterThan(0)
  })
})
