import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { bookedTokens, mockTokens, mockUsage as usage, startMock } from '../helpers/aimock'
import type { ApiClient } from '../helpers/api'
import { createClient, type Client } from '../helpers/client'
import { startServer, type TestServer } from '../helpers/server'
import { describeWith } from '../helpers/services'

describeWith(['client'], 'the real client over an OpenAI-format upstream', () => {
  let upstream: Awaited<ReturnType<typeof startMock>>
  let server: TestServer
  let api: ApiClient
  let client: Client

  beforeAll(async () => {
    upstream = await startMock()
    server = await startServer()
    api = await server.login()
    await api.addAccount({ platform: 'openai', baseUrl: upstream.base, modelMap: { 'claude-*': 'mock-model' }, options: { maxOutputTokens: 8_192, reasoning: 'reasoning' } })
  })
  afterAll(async () => {
    await server.remove()
    await upstream.stop()
  })
  beforeEach(async () => {
    upstream.mock.reset()
    client = await createClient({ base: server.relay, key: (await api.addKey()).key })
  })
  afterEach(async () => {
    await client.remove()
  })

  const bash = (command: string) => ({ name: 'Bash', arguments: JSON.stringify({ command, description: 'A test command' }) })
  const rowsOf = (sessionId: string, count: number) => api.waitForLogs(count, { sessionId })

  it('answers a plain prompt; usage is the upstream\'s, the model is the one that was asked', async () => {
    upstream.mock.addFixture({ match: { userMessage: 'What is it' }, chunkSize: 3, response: { content: 'Forty-two, 世界 👋🏽.', usage } })
    const result = (await client.run('What is it?')).json()
    expect(result).toMatchObject({ result: 'Forty-two, 世界 👋🏽.', is_error: false })
    const [model, seen] = Object.entries(result.modelUsage)[0]!
    expect(seen).toMatchObject({ inputTokens: 36, outputTokens: 20, cacheReadInputTokens: 64 })
    const [row] = await rowsOf(result.session_id, 1)
    expect(bookedTokens(row!)).toEqual(mockTokens)
    expect(row).toMatchObject({ outcome: 'ok', model, servedModel: expect.stringContaining('mock-model') as string, usageComplete: true, stopReason: 'end_turn' })
    expect(upstream.mock.getLastRequest()!.body).toMatchObject({ model: 'mock-model', max_tokens: 8_192, stream: true })
  })

  it('runs two tool calls of one streamed answer, with reasoning before them', async () => {
    upstream.mock.addFixture({ match: { hasToolResult: true }, chunkSize: 5, response: { content: 'Both done.', usage } })
    upstream.mock.addFixture({ match: { userMessage: 'Run both' }, chunkSize: 4, response: { content: 'Running.', reasoning: 'Two calls.', usage, toolCalls: [bash('echo one-$((40+2))'), bash('echo two-$((40+3))')] } })
    const result = (await client.run('Run both', ['--allowedTools', 'Bash'])).json()
    // The client counts each tool result as a turn.
    expect(result).toMatchObject({ result: 'Both done.', num_turns: 3, permission_denials: [] })
    expect(upstream.mock.getRequests()).toHaveLength(2)
    const sent = JSON.stringify(upstream.mock.getLastRequest()!.body)
    expect([sent.includes('one-42'), sent.includes('two-43'), sent.includes('Two calls.')]).toEqual([true, true, false])
    expect((await rowsOf(result.session_id, 2)).map(bookedTokens)).toEqual([mockTokens, mockTokens])
  })

  it('holds a long conversation of many turns', async () => {
    let left = 12
    upstream.mock.addFixture({ match: { userMessage: 'Count' }, chunkSize: 6, response: () => left-- > 0 ? { toolCalls: [bash(`echo turn-${left}`)], usage } : { content: 'Counted.', usage } })
    const result = (await client.run('Count', ['--allowedTools', 'Bash'])).json()
    expect(result).toMatchObject({ result: 'Counted.', num_turns: 13, is_error: false })
    expect((await rowsOf(result.session_id, 13)).map(bookedTokens)).toEqual(Array.from({ length: 13 }, () => mockTokens))
  })

  it('goes on after a stream that was cut', async () => {
    upstream.mock.addFixture({ match: { userMessage: 'Long', sequenceIndex: 0 }, chunkSize: 2, latency: 50, truncateAfterChunks: 5, response: { content: 'This will be cut off.', usage } })
    upstream.mock.addFixture({ match: { userMessage: 'Long' }, response: { content: 'Whole now.', usage } })
    const result = (await client.run('Long')).json()
    expect(result).toMatchObject({ result: 'Whole now.', is_error: false })
    const rows = await rowsOf(result.session_id, 2)
    expect(rows.map(row => row.outcome)).toEqual(['ok', 'truncated'])
  })

  it('tells the client of a conversation that is too long in the words that it knows', async () => {
    upstream.mock.addFixture({ match: { userMessage: 'Too long' }, response: { error: { message: 'This model\'s maximum context length is 1000 tokens. However, your messages resulted in 1234 tokens.', type: 'invalid_request_error', code: 'context_length_exceeded' }, status: 400 } })
    const run = await client.run('Too long')
    expect(run.output).toMatch(/1,?234/)
    expect(run.output).toMatch(/too long/i)
  })

  it('never shows the client a limit of the account', async () => {
    upstream.mock.addFixture({ match: { userMessage: 'Limit' }, response: { error: { message: 'Rate limit reached for organization org-secret', type: 'rate_limit_error' }, status: 429, retryAfter: 300 } })
    const run = await client.run('Limit')
    expect(run.json()).toMatchObject({ is_error: true, api_error_status: 529 })
    expect(run.output).not.toContain('org-secret')
  })
})
