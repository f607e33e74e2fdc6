import { createAnthropic } from '@ai-sdk/anthropic'
import Anthropic from '@anthropic-ai/sdk'
import { ChatAnthropic } from '@langchain/anthropic'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bookedTokens, mockTokens, mockUsage as usage, startMock } from '../helpers/aimock'
import type { ApiClient } from '../helpers/api'
import { startServer, type TestServer } from '../helpers/server'
import { startUpstream, type Upstream } from '../helpers/upstream'
import { newToolId } from '../../demo/upstream/answer'
import { ok } from '../helpers/upstream/behaviours'

const model = 'claude-sonnet-5-5'
const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] }
const cities = ['Oslo', 'Rome']

/** Of all tests before the last one: four by the SDK, six by ai (two turns where a tool runs), three by langchain. */
const requestsMade = 13

describe.each(['claude_console', 'openai'])('clients of other makers over an account of %s', (platform) => {
  let server: TestServer
  let api: ApiClient
  let chat: Awaited<ReturnType<typeof startMock>>
  let anthropic: Upstream
  let key: string

  beforeAll(async () => {
    chat = await startMock()
    anthropic = await startUpstream(request => JSON.stringify(request.json).includes('tool_result')
      ? ok({ blocks: [{ type: 'text', text: 'It is cold.' }] })
      : ok({ blocks: request.json?.tools ? cities.map(city => ({ type: 'tool_use' as const, id: newToolId(), name: 'get_weather', input: { city } })) : [{ type: 'text', text: 'Hello 世界.' }] }))
    server = await startServer()
    api = await server.login()
    await api.addAccount({ platform, baseUrl: platform === 'openai' ? chat.base : anthropic.url })
    key = (await api.addKey()).key
  })
  afterAll(async () => {
    await server.remove()
    await anthropic.close()
    await chat.stop()
  })
  beforeEach(() => {
    chat.mock.reset()
    chat.mock.addFixture({ match: { hasToolResult: true }, response: { content: 'It is cold.', usage } })
    chat.mock.addFixture({ match: { userMessage: 'weather' }, chunkSize: 5, response: { toolCalls: cities.map(city => ({ name: 'get_weather', arguments: JSON.stringify({ city }) })), usage } })
    chat.mock.addFixture({ match: { userMessage: /.*/ }, chunkSize: 4, response: { content: 'Hello 世界.', usage } })
  })

  describe('@anthropic-ai/sdk', () => {
    const client = () => new Anthropic({ baseURL: server.relay, authToken: key, apiKey: null, maxRetries: 0 })
    const hi = { model, max_tokens: 50, messages: [{ role: 'user' as const, content: 'hi' }] }

    it('gets a message and a stream', async () => {
      const message = await client().messages.create(hi)
      expect(message).toMatchObject({ type: 'message', model, stop_reason: 'end_turn', content: [{ type: 'text', text: 'Hello 世界.' }] })
      const streamed = await client().messages.stream(hi).finalMessage()
      expect(streamed.content).toMatchObject(message.content)
      expect(streamed.usage.output_tokens).toBe(message.usage.output_tokens)
    })

    it('gets both calls of an answer', async () => {
      const ask = { ...hi, messages: [{ role: 'user' as const, content: 'weather' }], tools: [{ name: 'get_weather', input_schema: schema }] }
      for (const message of [await client().messages.create(ask), await client().messages.stream(ask).finalMessage()]) {
        expect(message.stop_reason).toBe('tool_use')
        expect(message.content.flatMap(block => block.type === 'tool_use' ? [block.input] : [])).toEqual(cities.map(city => ({ city })))
      }
    })
  })

  describe('ai with @ai-sdk/anthropic', () => {
    const provider = () => createAnthropic({ baseURL: `${server.relay}/v1`, authToken: key })(model)
    const weather = tool({ inputSchema: z.object({ city: z.string() }), execute: ({ city }) => `${city}: cold` })

    it('gets text, whole and streamed', async () => {
      expect((await generateText({ model: provider(), prompt: 'hi', maxRetries: 0 })).text).toBe('Hello 世界.')
      const streamed = streamText({ model: provider(), prompt: 'hi', maxRetries: 0 })
      expect(await streamed.text).toBe('Hello 世界.')
      expect((await streamed.usage).outputTokens).toBeGreaterThan(0)
    })

    it('runs tools to the end, whole and streamed', async () => {
      const options = { model: provider(), prompt: 'weather', tools: { get_weather: weather }, stopWhen: stepCountIs(3), maxRetries: 0 }
      const whole = await generateText(options)
      expect([whole.text, whole.steps[0]!.toolCalls.map(call => call.input)]).toEqual(['It is cold.', cities.map(city => ({ city }))])
      const streamed = streamText(options)
      expect(await streamed.text).toBe('It is cold.')
    })
  })

  describe('@langchain/anthropic', () => {
    const chatModel = () => new ChatAnthropic({ model, anthropicApiUrl: server.relay, apiKey: key, maxTokens: 50, maxRetries: 0 })
    const bound = () => chatModel().bindTools([{ name: 'get_weather', description: 'Weather of a city', input_schema: schema }])

    it('gets text, whole and streamed', async () => {
      expect((await chatModel().invoke('hi')).text).toBe('Hello 世界.')
      const pieces: string[] = []
      for await (const chunk of await chatModel().stream('hi')) pieces.push(chunk.text)
      expect(pieces.join('')).toBe('Hello 世界.')
    })

    it('gets both calls of an answer', async () => {
      expect((await bound().invoke('weather')).tool_calls?.map(call => call.args)).toEqual(cities.map(city => ({ city })))
    })
  })

  it('every answer is booked with the tokens that the upstream named', async () => {
    const rows = await api.waitForLogs(requestsMade, { outcome: 'ok' })
    expect(rows.every(row => row.usageComplete && row.outputTokens > 0)).toBe(true)
    if (platform === 'openai') expect(rows.map(bookedTokens)).toEqual(rows.map(() => mockTokens))
  })
})
