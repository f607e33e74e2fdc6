import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GroupView } from '#shared/types/api'
import { send, type Outgoing, type Received } from '../helpers/http'
import { smallBody, startRelay, type Relay } from '../helpers/relay'
import { poll } from '../helpers/until'
import { silentAt } from '../helpers/upstream/faults'

let relay: Relay
let emptyGroup: GroupView
beforeAll(async () => {
  relay = await startRelay({ MAX_BUFFERED_BYTES: String(80 * 1024 * 1024) })
  emptyGroup = await relay.api.ok<GroupView>('POST', '/api/groups', { name: 'no accounts' })
})
afterAll(async () => {
  await relay.close()
})
beforeEach(() => {
  relay.upstream.reset()
})

interface Expected { status: number, type: string, code: string, noRetry?: boolean, retryAfter?: boolean }

function expectError(answer: Received, { status, type, code, noRetry = false, retryAfter = false }: Expected): void {
  expect(answer.status).toBe(status)
  const ours = String(answer.headers['x-relay-request-id'])
  expect(ours).toMatch(/^req_[\da-f]{32}$/)
  expect(answer.headers['request-id']).toBe(ours)
  expect(answer.headers['content-type']).toContain('application/json')
  const body = answer.json<{ error: { message: string } }>()
  expect(body).toMatchObject({ type: 'error', error: { type, details: { error_code: code } }, request_id: ours })
  expect(body.error.message.length).toBeGreaterThan(10)
  expect(answer.headers['x-should-retry']).toBe(noRetry ? 'false' : undefined)
  if (retryAfter) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  else expect(answer.headers['retry-after']).toBeUndefined()
}

const messages = (key: string | null, body: string | Buffer = smallBody()): Outgoing =>
  ({ url: `${relay.server.relay}/v1/messages`, headers: key === null ? {} : { authorization: `Bearer ${key}` }, body })
const rowOf = (answer: Received) => relay.api.waitForLog(String(answer.headers['x-relay-request-id']))

/** Rows are written in the order of the answers: once a later one has its row, an earlier one without has none. */
async function expectNoRow(answer: Received): Promise<void> {
  await rowOf(await send(messages(relay.key.key)))
  expect(await relay.api.listLogs({ requestId: String(answer.headers['x-relay-request-id']) })).toEqual([])
}

describe('who asks', () => {
  const unauthorized = { status: 401, type: 'authentication_error', noRetry: true }

  it('without a key', async () => {
    const answer = await send(messages(null))
    expectError(answer, { ...unauthorized, code: 'key_missing' })
    await expectNoRow(answer)
  })

  it.each(['sk-nobody-was-ever-given-this-key', 'x', `sk-${'long'.repeat(500)}`])('with the wrong key %.20s', async (key) => {
    const answer = await send(messages(key))
    expectError(answer, { ...unauthorized, code: 'key_invalid' })
    expect(answer.text).not.toContain(key)
    await expectNoRow(answer)
  })

  it('with a disabled key, and again once it is enabled', async () => {
    const key = await relay.api.addKey()
    expect((await send(messages(key.key))).status).toBe(200)
    await relay.api.ok('PATCH', `/api/keys/${key.id}`, { enabled: false })
    const answer = await send(messages(key.key))
    expectError(answer, { ...unauthorized, code: 'key_disabled' })
    expect(await rowOf(answer)).toMatchObject({ keyId: key.id, status: 401, outcome: 'refused', accountId: null, costNano: 0 })
    await relay.api.ok('PATCH', `/api/keys/${key.id}`, { enabled: true })
    expect((await send(messages(key.key))).status).toBe(200)
  })

  it('with an expired key', async () => {
    const key = await relay.api.addKey({ expiresAt: Date.now() - 1000 })
    const answer = await send(messages(key.key))
    expectError(answer, { ...unauthorized, code: 'key_expired' })
    expect(await rowOf(answer)).toMatchObject({ keyId: key.id, status: 401, outcome: 'refused' })
  })

  it('with a deleted key', async () => {
    const key = await relay.api.addKey()
    await relay.api.ok('DELETE', `/api/keys/${key.id}`)
    expectError(await send(messages(key.key)), { ...unauthorized, code: 'key_invalid' })
  })

  it('with a key that may not use the model', async () => {
    const key = await relay.api.addKey({ models: ['claude-haiku-*'] })
    const answer = await send(messages(key.key))
    expectError(answer, { status: 403, type: 'permission_error', code: 'model_denied' })
    expect(await rowOf(answer)).toMatchObject({ outcome: 'refused', status: 403, model: 'claude-sonnet-5-5' })
    expect((await send(messages(key.key, smallBody({ model: 'claude-haiku-5-5' })))).status).toBe(200)
  })
})

describe('what is asked', () => {
  const invalid = { status: 400, type: 'invalid_request_error' }

  it.each([
    ['no body', '', 'body_invalid'],
    ['broken JSON', '{"model":"claude-sonnet-5-5",', 'body_invalid'],
    ['text', 'hello', 'body_invalid'],
    ['a JSON array', '[{"model":"claude-sonnet-5-5"}]', 'body_invalid'],
    ['a JSON string', '"model"', 'body_invalid'],
    ['null', 'null', 'body_invalid'],
    ['bytes of no encoding', Buffer.from([0xFF, 0xFE, 0x00, 0x01]), 'body_invalid'],
    ['no model', '{"messages":[],"stream":true}', 'model_missing'],
    ['an empty model', '{"model":"","messages":[]}', 'model_missing'],
    ['a model that is no text', '{"model":5,"messages":[]}', 'model_missing'],
  ])('with %s', async (_, body, code) => {
    const answer = await send(messages(relay.key.key, body))
    expectError(answer, { ...invalid, code })
    expect(relay.upstream.requests).toHaveLength(0)
    expect(await rowOf(answer)).toMatchObject({ keyId: relay.key.id, status: 400, outcome: 'refused', accountId: null, errorType: code })
  })

  it.each([['told by its length', false], ['sent in chunks', true]])('with a body of 33 MiB, %s', async (_, chunked) => {
    const body = Buffer.concat([Buffer.from('{"model":"m","x":"'), Buffer.alloc(33 * 1024 * 1024, 'x'), Buffer.from('"}')])
    const whole = messages(relay.key.key, body)
    const pieces = Array.from({ length: 34 }, (_piece, at) => body.subarray(at * 1024 * 1024, (at + 1) * 1024 * 1024))
    const answer = await send(chunked ? { ...whole, body: pieces } : whole)
    expect(answer.headers['x-should-retry']).toBeUndefined()
    expectError(answer, { status: 413, type: 'request_too_large', code: 'body_too_large' })
    expect(await rowOf(answer)).toMatchObject({ status: 413, outcome: 'refused' })
    expect(relay.upstream.requests).toHaveLength(0)
  })

  it.each([['POST', '/v1/complete'], ['POST', '/v1'], ['GET', '/v1/messages'], ['DELETE', '/v1/messages'], ['GET', '/nothing/here'], ['POST', '/v1/messages/batches']])('at an unknown path: %s %s', async (method, path) => {
    const answer = await send({ url: relay.server.relay + path, method, headers: { 'x-api-key': relay.key.key } })
    expectError(answer, { status: 404, type: 'not_found_error', code: 'path_unknown' })
  })
})

describe('who could answer', () => {
  it('nobody: the pool is empty', async () => {
    const key = await relay.api.addKey({ groupId: emptyGroup.id })
    const answer = await send(messages(key.key))
    expectError(answer, { status: 529, type: 'overloaded_error', code: 'pool_empty' })
    expect(await rowOf(answer)).toMatchObject({ keyId: key.id, status: 529, outcome: 'no_account', accountId: null, model: 'claude-sonnet-5-5' })
  })

  it('nobody: the only account is disabled', async () => {
    await relay.api.ok('PATCH', `/api/accounts/${relay.account.id}`, { enabled: false })
    const answer = await send(messages(relay.key.key))
    await relay.api.ok('PATCH', `/api/accounts/${relay.account.id}`, { enabled: true })
    expectError(answer, { status: 529, type: 'overloaded_error', code: 'pool_empty' })
  })

  it('not now: bodies that wait take all the memory they may', async () => {
    relay.upstream.script(() => silentAt('headers'))
    const big = Buffer.concat([Buffer.from('{"model":"m","stream":true,"x":"'), Buffer.alloc(30 * 1024 * 1024, 'x'), Buffer.from('"}')])
    const held = [1, 2].map(() => send(messages(relay.key.key, big)).catch((error: unknown) => error))
    await relay.upstream.until(() => relay.upstream.requests.length === 2, 'two bodies under way')
    const answer = await send(messages(relay.key.key, big))
    expectError(answer, { status: 503, type: 'api_error', code: 'busy', retryAfter: true })
    expect(await rowOf(answer)).toMatchObject({ status: 503, outcome: 'refused' })
    await relay.upstream.close()
    await Promise.all(held)
    await poll(async () => (await relay.api.listLogs({ outcome: 'upstream_error', model: 'm' })).length === 2 || undefined, 'the held ones to be settled')
  })
})
