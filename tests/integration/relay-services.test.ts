import Anthropic from '@anthropic-ai/sdk'
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRelay, type Relay } from '../helpers/relay'
import { readStream } from '../helpers/sse'
import { createDatabase, describeWith, service, type TestDatabase } from '../helpers/services'
import { richAnswer } from '../../demo/upstream/answer'
import { ok, status } from '../helpers/upstream/behaviours'

describeWith(['mysql', 'redis'], 'a relay on MySQL and Redis', () => {
  let database: TestDatabase
  let relay: Relay
  beforeAll(async () => {
    database = await createDatabase()
    relay = await startRelay({ DATABASE_URL: database.url, REDIS_URL: service('redis') })
  })
  afterAll(async () => {
    await relay.close()
    await database.drop()
  })

  it('relays, counts and keeps a session, as one on SQLite does', async () => {
    const headers = { 'x-claude-code-session-id': randomUUID() }
    for (let turn = 0; turn < 3; turn++) expect((await readStream(relay.ask({}, headers))).complete()).toBe(true)
    const rows = await relay.api.waitForLogs(3, { sessionId: headers['x-claude-code-session-id'] })
    expect(rows.every(row => row.outcome === 'ok' && row.outputTokens === 13 && row.costNano > 0)).toBe(true)
  })

  it('keeps what it has over kill -9', async () => {
    await relay.server.kill()
    await relay.server.restart()
    expect((await readStream(relay.ask())).complete()).toBe(true)
  })

  it('writes nothing into a SQLite file', async () => {
    expect(await database.query('select count(*) as n from logs')).toEqual([{ n: expect.any(Number) as number }])
    await expect(stat(join(relay.server.dataDir, 'relay.db'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('the SDK through the relay', () => {
  let relay: Relay
  let sdk: Anthropic
  beforeAll(async () => {
    relay = await startRelay()
    sdk = new Anthropic({ baseURL: relay.server.relay, authToken: relay.key.key, apiKey: null, maxRetries: 0 })
  })
  afterAll(async () => {
    await relay.close()
  })

  const params = { model: 'claude-opus-5-5', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hi' }] }

  it('streams, asks for JSON, counts', async () => {
    relay.upstream.script(() => ok(richAnswer()))
    const streamed = await sdk.messages.stream(params).finalMessage()
    const whole = await sdk.messages.create(params)
    expect(streamed.content.map(block => block.type)).toEqual(['thinking', 'text', 'tool_use'])
    expect(whole.usage).toMatchObject({ input_tokens: 21, cache_read_input_tokens: 1700 })
    expect((await sdk.messages.countTokens(params)).input_tokens).toBe(4321)
  })

  it('sees the upstream\'s errors and ours as its own classes', async () => {
    relay.upstream.script(() => status(529))
    await expect(sdk.messages.create(params)).rejects.toMatchObject({ status: 529, error: { error: { type: 'overloaded_error' } } })
    const stranger = new Anthropic({ baseURL: relay.server.relay, apiKey: 'sk-unknown-unknown-unknown', maxRetries: 5 })
    const refused = await stranger.messages.create(params).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Anthropic.AuthenticationError)
    expect((refused as InstanceType<typeof Anthropic.AuthenticationError>).requestID).toMatch(/^req_/)
  })
})
