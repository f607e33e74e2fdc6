import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openaiPresets } from '#server/platforms/openai/presets'
import { openaiRequest } from '#server/platforms/openai/request'
import { peek } from '#server/relay/peek'
import { chatAccount, chatBody, hello, requestFor, type Json } from '../../../helpers/chat'

const schema = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] }
const bash = { name: 'Bash', description: 'Runs a command', input_schema: { ...schema, $schema: 'http://json-schema.org/draft-07/schema#', additionalProperties: false } }
const ask = (more: Json, options: Json = {}) => chatBody({ messages: hello, ...more }, options)

describe('address and headers', () => {
  it('belong to this account; the client\'s key, its encodings and what speaks of the Messages API stay behind', () => {
    const headers = ['Host', 'relay', 'Authorization', 'Bearer sk-user', 'x-api-key', 'sk-user', 'anthropic-version', '2023-06-01', 'anthropic-beta', 'x', 'Accept', 'application/json', 'User-Agent', 'claude-cli/2', 'X-Claude-Code-Session-Id', 's', 'Content-Encoding', 'gzip']
    const bytes = gzipSync(JSON.stringify({ model: 'm', stream: true, messages: hello }))
    const request = openaiRequest({ path: '/v1/messages', query: '?beta=true', rawHeaders: headers, body: bytes, facts: peek(bytes, 'gzip', 1e6) }, chatAccount({}, { baseUrl: 'https://api.test/api/paas/v4' }))
    expect(request).toMatchObject({ origin: 'https://api.test', path: '/api/paas/v4/chat/completions', method: 'POST' })
    expect(request.headers).toEqual(['User-Agent', 'claude-cli/2', 'X-Claude-Code-Session-Id', 's', 'accept-encoding', 'identity', 'content-type', 'application/json', 'accept', 'text/event-stream', 'authorization', 'Bearer secret-key'])
    expect(JSON.parse(request.body!.toString())).toMatchObject({ messages: [{ role: 'user', content: 'hi' }] })
  })

  it('are the same each time they are made', () => {
    expect(requestFor({ messages: hello }).body).toEqual(requestFor({ messages: hello }).body)
  })

  it('ask for the list of models below the version of the address', () => {
    expect(openaiRequest({ path: '/v1/models', query: '', rawHeaders: [], body: null, facts: null }, chatAccount())).toMatchObject({ path: '/v1/models', method: 'GET', body: null })
  })
})

describe('fields', () => {
  it('what has no counterpart is left out', () => {
    const body = ask({ stream: true, metadata: { user_id: 'u' }, context_management: {}, safeguards: [], service_tier: 'auto', thinking: { type: 'adaptive' }, output_config: { effort: 'high' }, cache_control: {} })
    expect(Object.keys(body)).toEqual(['model', 'messages', 'max_tokens', 'stream', 'stream_options'])
  })

  it('trap 4: a stream asks for usage, unless the upstream refuses that', () => {
    expect(ask({ stream: true })).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(ask({ stream: true }, { streamUsage: false })).not.toHaveProperty('stream_options')
    expect(ask({})).toMatchObject({ stream: false })
    expect(ask({})).not.toHaveProperty('stream_options')
  })

  it('trap 13: output tokens are capped and stand in the field that the upstream knows', () => {
    expect(ask({ max_tokens: 128_000 }, { maxOutputTokens: 8_192 })).toMatchObject({ max_tokens: 8_192 })
    expect(ask({ max_tokens: 64 }, { maxOutputTokens: 8_192, maxTokensField: 'max_completion_tokens' })).toMatchObject({ max_completion_tokens: 64 })
    expect(ask({ max_tokens: 64 }, { maxTokensField: 'max_completion_tokens' })).not.toHaveProperty('max_tokens')
  })

  it('trap 13: sampling goes only where it says something and nothing reasons', () => {
    expect(ask({ temperature: 1, top_p: 1 })).not.toHaveProperty('temperature')
    expect(ask({ temperature: 0.2, top_p: 0.9 })).toMatchObject({ temperature: 0.2, top_p: 0.9 })
    const reasoned = ask({ temperature: 0.2, output_config: { effort: 'low' } }, { reasoning: 'reasoning_effort' })
    expect(reasoned).toMatchObject({ reasoning_effort: 'low' })
    expect(reasoned).not.toHaveProperty('temperature')
  })

  it('stop sequences: the first four', () => {
    expect(ask({ stop_sequences: ['a', 'b', '', 'c', 'd', 'e'] })).toMatchObject({ stop: ['a', 'b', 'c', 'd'] })
    expect(ask({ stop_sequences: [] })).not.toHaveProperty('stop')
  })

  it('the user goes as hashes, and only if wanted', () => {
    const metadata = { user_id: JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: '', session_id: '0a-1b-2c-3d' }) }
    const first = ask({ metadata }, { sendUserId: true })
    expect(first.user).toMatch(/^[0-9a-f]{32}$/)
    expect(first.prompt_cache_key).toMatch(/^[0-9a-f]{32}$/)
    const next = ask({ metadata: { user_id: metadata.user_id.replace('0a-1b', '9z-9z') } }, { sendUserId: true })
    expect([next.user === first.user, next.prompt_cache_key === first.prompt_cache_key]).toEqual([true, false])
    expect(ask({ metadata })).not.toHaveProperty('user')
  })

  it('the model is mapped: its own entry first, then the first pattern', () => {
    const model = (asked: string) => (JSON.parse(requestFor({ model: asked, messages: hello }, {}, { over: { modelMap: { 'claude-*': 'big', 'claude-*-haiku-*': 'never', 'claude-haiku-4-5': 'small' } } }).body!.toString()) as Json).model
    expect(['claude-haiku-4-5', 'claude-3-5-haiku-1', 'gpt-5'].map(model)).toEqual(['small', 'big', 'gpt-5'])
  })
})

describe('reasoning', () => {
  const effort = (level: string | undefined, thinking?: Json) => ({ ...level ? { output_config: { effort: level } } : {}, ...thinking ? { thinking } : {} })
  it.each([
    ['reasoning_effort', effort('max', { type: 'adaptive' }), { reasoning_effort: 'high' }],
    ['reasoning_effort', effort('medium'), { reasoning_effort: 'medium' }],
    ['reasoning_effort', effort(undefined, { type: 'enabled', budget_tokens: 2_000 }), { reasoning_effort: 'low' }],
    ['reasoning_effort', effort(undefined, { type: 'enabled', budget_tokens: 31_999 }), { reasoning_effort: 'high' }],
    ['reasoning', effort('low', { type: 'adaptive' }), { reasoning: { effort: 'low' } }],
    ['reasoning', effort(undefined), { reasoning: { enabled: false } }],
    ['thinking', effort('high', { type: 'adaptive' }), { thinking: { type: 'enabled' } }],
    ['thinking', effort('high', { type: 'disabled' }), { thinking: { type: 'disabled' } }],
    ['enable_thinking', effort(undefined, { type: 'adaptive' }), { enable_thinking: true }],
  ])('by %s: %j', (reasoning, given, expected) => {
    expect(ask(given, { reasoning })).toMatchObject(expected)
  })

  it('is not asked for where a tool is compulsory, nor where the upstream has no field for it', () => {
    const forced = { tools: [bash], tool_choice: { type: 'tool', name: 'Bash' }, output_config: { effort: 'high' } }
    expect(ask(forced, { reasoning: 'reasoning_effort' })).not.toHaveProperty('reasoning_effort')
    expect(ask(effort('none', { type: 'disabled' }), { reasoning: 'reasoning_effort' })).not.toHaveProperty('reasoning_effort')
  })

  it('follows the newest instruction between turns', () => {
    const messages = [...hello, { role: 'system', content: 'x', output_config: { effort: 'low' } }]
    expect(ask({ messages, output_config: { effort: 'high' } }, { reasoning: 'reasoning_effort' })).toMatchObject({ reasoning_effort: 'low' })
  })
})

describe('JSON answers', () => {
  const format = { type: 'json_schema', schema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false } }
  it('are bound to the schema, strictly if it can be', () => {
    expect(ask({ output_config: { format } }).response_format).toEqual({ type: 'json_schema', json_schema: { name: 'answer', schema: format.schema, strict: true } })
    expect(ask({ output_config: { format: { ...format, schema } } }).response_format).toEqual({ type: 'json_schema', json_schema: { name: 'answer', schema } })
  })

  it('are told in words to upstreams that know less', () => {
    const body = ask({ system: 'Be brief.', output_config: { format } }, { jsonSchema: 'json_object' })
    expect(body.response_format).toEqual({ type: 'json_object' })
    expect((body.messages as Json[])[0]!.content).toMatch(/^Be brief\.\n\nAnswer with one JSON object.*"title"/s)
    expect((ask({ output_config: { format } }, { jsonSchema: 'none' }).messages as Json[])[0]).toMatchObject({ role: 'system' })
  })
})

describe('presets', () => {
  it.each(openaiPresets)('$id makes the golden request', async ({ id, options, baseUrl }) => {
    const request = requestFor({ messages: [...hello, { role: 'system', content: 'x' }], tools: [bash], thinking: { type: 'adaptive' }, stream: true, max_tokens: 128_000 }, options, { over: { baseUrl } })
    expect(request.path).toMatch(/\/(?:v1|v4)\/chat\/completions$/)
    await expect(`${JSON.stringify(JSON.parse(request.body!.toString()), null, 2)}\n`).toMatchFileSnapshot(`../../../fixtures/openai/preset-${id}.json`)
  })
})
