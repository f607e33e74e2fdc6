import { describe, expect, it } from 'vitest'
import { createLogger, serializeError } from '#server/lib/logger'

const secrets = ['sk-ant-api03-abcdef', 'hunter2-hunter2', 'cookie-value', 'p4ss', 'refresh-1']

function capture(level: 'info' | 'silent' | 'debug' = 'info') {
  const lines: string[] = []
  const logger = createLogger({ level, destination: { write: line => void lines.push(line) } })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

function expectClean(lines: string[]) {
  for (const secret of secrets) expect(lines.join('')).not.toContain(secret)
}

describe('logger', () => {
  it('writes one JSON line with level, time and message, and nothing of the machine', () => {
    const { logger, lines, last } = capture()
    logger.info({ requestId: 'req_1', status: 200 }, 'two\nlines')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[^\n]+\n$/)
    expect(last()).toEqual({ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), requestId: 'req_1', status: 200, msg: 'two\nlines' })
  })

  it('obeys its level', () => {
    const quiet = capture()
    quiet.logger.debug('x')
    expect(quiet.lines).toHaveLength(0)
    const silent = capture('silent')
    silent.logger.fatal('x')
    expect(silent.lines).toHaveLength(0)
  })

  it('hides secrets by field name at every level, in any spelling, in arrays and children', () => {
    const { logger, lines, last } = capture()
    logger.child({ apiKey: 'hunter2-hunter2', instance: 'a' }).info({
      'authorization': 'hunter2-hunter2',
      'req': { method: 'POST', headers: { 'X-Api-Key': 'hunter2-hunter2', 'Cookie': 'cookie-value', 'set-cookie': ['cookie-value'], 'user-agent': 'claude-cli' } },
      'account': { name: 'one', credentials: { accessToken: 'p4ss', refreshToken: 'refresh-1' }, proxy_url: 'http://u:p4ss@h' },
      'changes': [{ password: 'p4ss' }, { token: 12_345 }],
      'proxy-authorization': 'hunter2-hunter2',
      'usage': { inputTokens: 3, max_tokens: 9 },
      'keyId': 'k1',
      'secret': null,
    })
    expectClean(lines)
    expect(last()).toMatchObject({
      apiKey: '[hidden]',
      instance: 'a',
      req: { method: 'POST', headers: { 'X-Api-Key': '[hidden]', 'set-cookie': '[hidden]', 'user-agent': 'claude-cli' } },
      account: { name: 'one', credentials: '[hidden]', proxy_url: '[hidden]' },
      changes: [{ password: '[hidden]' }, { token: '[hidden]' }],
      usage: { inputTokens: 3, max_tokens: 9 },
      keyId: 'k1',
      secret: null,
    })
  })

  it('hides secrets by shape in messages and fields', () => {
    const { logger, lines, last } = capture()
    logger.info({ url: '/stats/api-key?api_key=hunter2-hunter2', why: 'line\nsk-ant-api03-abcdef' }, 'upstream %s said no', 'https://me:p4ss@host/')
    expectClean(lines)
    expect(last()).toMatchObject({ url: '/stats/api-key?api_key=[hidden]', msg: 'upstream https://[hidden]@host/ said no' })
  })

  it('passes errors through redaction: message, stack, cause, and none of their other fields', () => {
    const { logger, lines, last } = capture()
    const cause = Object.assign(new Error('AUTH hunter2 Bearer hunter2-hunter2'), { command: { args: ['p4ss'] } })
    const error = Object.assign(new Error('key sk-ant-api03-abcdef refused', { cause }), { code: 'EAUTH', config: { password: 'p4ss' } })
    logger.error(error)
    logger.error({ err: error }, 'failed')
    logger.error({ reason: error, list: [error] }, 'failed')
    expectClean(lines)
    expect(last()).toMatchObject({ reason: { type: 'Error', message: 'key sk-[hidden] refused', code: 'EAUTH', cause: { message: 'AUTH hunter2 Bearer [hidden]' } } })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'key sk-[hidden] refused', err: { code: 'EAUTH' } })
    expect(lines.every(line => !line.includes('"config"') && !line.includes('"command"'))).toBe(true)
  })

  it('survives circles, depth, bytes, big integers and an endless chain of causes', () => {
    const { logger, lines, last } = capture()
    const circle: Record<string, unknown> = { name: 'circle' }
    circle.self = circle
    const endless = new Error('endless')
    endless.cause = endless
    logger.info({ circle, bytes: Buffer.from('hunter2-hunter2'), big: 12n, deep: { a: { b: { c: { d: { password: 'p4ss' } } } } }, at: new Date(0), url: new URL('http://u:p4ss@h/'), endless, nothing: undefined })
    expectClean(lines)
    expect(last()).toMatchObject({ bytes: '[15 bytes]', at: '1970-01-01T00:00:00.000Z', url: 'http://[hidden]@h/', circle: { name: 'circle' } })
  })

  it('does not change what it was given', () => {
    const { logger } = capture()
    const fields = { req: { headers: { authorization: 'Bearer hunter2-hunter2' } } }
    logger.info(fields)
    expect(fields.req.headers.authorization).toBe('Bearer hunter2-hunter2')
  })

  it('gives the error form to others', () => {
    expect(serializeError(new TypeError('x'))).toMatchObject({ type: 'TypeError', message: 'x', stack: expect.stringContaining('TypeError: x') })
  })
})
