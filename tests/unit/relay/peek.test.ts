import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { RelayError } from '#server/relay/errors'
import { peek } from '#server/relay/peek'

const MAX = 1024 * 1024
const look = (body: string | Buffer, encoding?: string) => peek(Buffer.from(body), encoding, MAX)
const codeOf = (body: string | Buffer, encoding?: string): string => {
  try {
    look(body, encoding)
  }
  catch (error) {
    if (error instanceof RelayError) return error.code
    throw error
  }
  return 'none'
}

describe('what the relay reads of a request body', () => {
  it('finds model and stream anywhere at the top level, in any spelling of JSON', () => {
    expect(look(' { "messages" : [{"model":"inner","stream":true}] ,\n"model":"claude-sonnet-5-5"}')).toMatchObject({ model: 'claude-sonnet-5-5', stream: false, session: null })
    expect(look('{"stream":true,"\\u006dodel":"模型"}')).toMatchObject({ model: '模型', stream: true })
    expect(look('{"model":"a","model":"b","stream":"true"}')).toMatchObject({ model: 'b', stream: false })
  })

  it('gives the byte span of the model for splicing', () => {
    const body = Buffer.from('{"é":"世","model":"claude-x"}')
    const { modelSpan: [start, end] } = peek(body, undefined, MAX)
    expect(body.subarray(start, end).toString()).toBe('"claude-x"')
  })

  it('reads the session of both metadata formats and shrugs at any other', () => {
    const user = (id: unknown) => look(JSON.stringify({ model: 'm', metadata: { user_id: id } })).session
    const id = '0195b3a1-7c1e-4c33-9a51-1f1f5f5f5f5f'
    expect(user(JSON.stringify({ device_id: 'd', account_uuid: '', session_id: id }))).toBe(id)
    expect(user(`user_${'a'.repeat(64)}_account__session_${id}`)).toBe(id)
    expect(user('someone')).toBeNull()
    expect(user('{broken')).toBeNull()
    expect(user(7)).toBeNull()
    expect(look('{"model":"m","metadata":"text"}').session).toBeNull()
  })

  it('reads encoded bodies from a copy', () => {
    expect(look(gzipSync('{"model":"m"}'), 'gzip').model).toBe('m')
    expect(look(brotliCompressSync('{"model":"m"}'), 'br').model).toBe('m')
    expect(codeOf('{"model":"m"}', 'gzip')).toBe('body_invalid')
    expect(codeOf('{"model":"m"}', 'zstd')).toBe('body_invalid')
    expect(codeOf(gzipSync(Buffer.alloc(2 * MAX, 32)), 'gzip')).toBe('body_too_large')
  })

  it.each([['', 'body_invalid'], ['[]', 'body_invalid'], ['null', 'body_invalid'], ['{"model":"m"', 'body_invalid'], ['{"model":"m"} x', 'body_invalid'], ['{model:1}', 'body_invalid'], ['{}', 'model_missing'], ['{"model":null}', 'model_missing'], ['{"model":""}', 'model_missing'], ['{"model":["m"]}', 'model_missing']])('refuses %j as %s', (body, code) => {
    expect(codeOf(body)).toBe(code)
  })
})
