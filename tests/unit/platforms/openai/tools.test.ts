import { describe, expect, it } from 'vitest'
import { call, chatBody, chatStream, converted, delta, finish, hello, requestFor, usage, type Json } from '../../../helpers/chat'
import { readMessage } from '../../../helpers/grammar'

const schema = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] }
const bash = { name: 'Bash', description: 'Runs a command', input_schema: { ...schema, $schema: 'http://json-schema.org/draft-07/schema#', additionalProperties: false }, cache_control: { type: 'ephemeral' } }
const ask = (more: Json, options: Json = {}) => chatBody({ messages: hello, ...more }, options)
const namesOf = (body: Json) => (body.tools as { function: { name: string } }[] | undefined)?.map(tool => tool.function.name)

describe('tools', () => {
  it('go as functions, without the name of the schema\'s dialect', () => {
    expect(ask({ tools: [bash] }).tools).toEqual([{ type: 'function', function: { name: 'Bash', description: 'Runs a command', parameters: { ...schema, additionalProperties: false } } }])
  })

  it('always have an object with properties for a schema', () => {
    expect(ask({ tools: [{ name: 'list', input_schema: { type: 'object' } }, { name: 'none', input_schema: {} }] }).tools).toMatchObject([{ function: { parameters: { type: 'object', properties: {} } } }, { function: { parameters: { type: 'object', properties: {} } } }])
  })

  it('have simple schemas for strict upstreams', () => {
    const rich = { type: 'object', additionalProperties: false, properties: { n: { type: 'integer', minimum: 1, exclusiveMinimum: 0, format: 'int32' }, k: { const: 'x' }, u: { oneOf: [{ type: 'string', pattern: '^a' }, { type: 'null' }] }, l: { type: 'array', items: { type: 'string', minLength: 1 } }, format: { type: 'string' } }, required: ['n'] }
    expect(ask({ tools: [{ name: 'f', input_schema: rich }] }, { strictSchemas: true }).tools).toEqual([{ type: 'function', function: { name: 'f', parameters: {
      type: 'object', properties: { n: { type: 'integer' }, k: { enum: ['x'] }, u: { anyOf: [{ type: 'string' }, { type: 'null' }] }, l: { type: 'array', items: { type: 'string' } }, format: { type: 'string' } }, required: ['n'] } } }])
  })

  it.each([
    [{ type: 'auto' }, { tool_choice: 'auto' }],
    [{ type: 'any', disable_parallel_tool_use: true }, { tool_choice: 'required', parallel_tool_calls: false }],
    [{ type: 'tool', name: 'Bash' }, { tool_choice: { type: 'function', function: { name: 'Bash' } } }],
    [{ type: 'none' }, { tool_choice: 'none' }],
  ])('choice %j', (tool_choice, expected) => {
    expect(ask({ tools: [bash], tool_choice })).toMatchObject(expected)
  })

  it('neither an empty list nor a choice without tools goes out', () => {
    const body = ask({ tools: [], tool_choice: { type: 'any' } })
    expect([body.tools, body.tool_choice]).toEqual([undefined, undefined])
  })

  it('of the official API are left out, and refused when they are all that was asked for', () => {
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 5 }
    expect(namesOf(ask({ tools: [search, bash] }))).toEqual(['Bash'])
    expect(() => requestFor({ messages: hello, tools: [search], tool_choice: { type: 'tool', name: 'web_search' } })).toThrow(/web_search cannot be sent to an OpenAI-format upstream/)
  })

  it('that are deferred are offered once the conversation named them', () => {
    const deferred = ['Hidden', 'Found', 'Added'].map(name => ({ ...bash, name, defer_loading: true }))
    const messages = [
      ...hello, { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'ToolSearch', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'tool_reference', tool_name: 'Found' }] }] },
      { role: 'system', content: [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 'Added' } }, { type: 'tool_addition', tool: { type: 'tool_definition', definition: { ...bash, name: 'Inline' } } }] },
    ]
    expect(namesOf(ask({ messages, tools: [bash, ...deferred] }))).toEqual(['Bash', 'Found', 'Added', 'Inline'])
    expect((ask({ messages, tools: [bash, ...deferred] }).messages as Json[])[2]).toEqual({ role: 'tool', tool_call_id: 'a', content: 'Tool Found is available now.' })
  })

  it('with names that upstreams refuse are sent under others and come back under their own', () => {
    const long = `mcp__${'server'.repeat(12)}__tool`
    const request = requestFor({ messages: [...hello, { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: long, input: {} }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] }], tools: [bash, { ...bash, name: long }, { ...bash, name: 'a.b' }], tool_choice: { type: 'tool', name: long }, stream: true })
    const body = JSON.parse(request.body!.toString()) as Json & { messages: { tool_calls: { function: { name: string } }[] }[], tool_choice: { function: { name: string } } }
    const [, sent, dotted] = namesOf(body)!
    expect([sent!.length <= 64, /^[\w-]+$/.test(sent!), /^[\w-]+$/.test(dotted!)]).toEqual([true, true, true])
    expect([body.messages[1]!.tool_calls[0]!.function.name, body.tool_choice.function.name]).toEqual([sent, sent])
    const out = converted(request.answer!, [chatStream([delta({ tool_calls: [call(0, { id: 'x', name: sent, args: '{}' })] }), finish('tool_calls'), usage()])])
    expect(readMessage(out).content).toMatchObject([{ type: 'tool_use', name: long }])
  })
})
