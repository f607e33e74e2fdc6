import { call, chatStream, delta, finish, usage, type Json } from './chat'

/** One exchange with an upstream and what is special about it; what the client gets stands in a golden file of the case's name. */
export interface StreamCase {
  name: string
  /** Chunks, or the exact text. */
  upstream: Json[] | string
  /** Fields of the client's request. */
  request?: Json
}

const start = delta({ role: 'assistant', content: '' })
const tool = (index: number | undefined, fields: Parameters<typeof call>[1]) => delta({ tool_calls: [call(index, fields)] })
const weather = '{"city":"Oslo"}'

/** By the numbered traps of converters; a name says the trap and the way an upstream sets it. */
export const streamCases: StreamCase[] = [
  { name: '01-one-block-of-each-kind', upstream: [start, delta({ reasoning_content: 'Let me ' }), delta({ reasoning_content: 'see.' }), delta({ content: 'It is ' }), delta({ content: 'cold.' }), tool(0, { id: 'call_a', name: 'get_weather', args: weather }), finish('tool_calls'), usage()] },
  { name: '01-reasoning-again-after-text', upstream: [delta({ reasoning: 'one' }), delta({ content: 'two' }), delta({ reasoning: 'three' }), delta({ content: 'four' }), finish('stop'), usage()] },
  { name: '02-arguments-in-pieces', upstream: [tool(0, { id: 'call_a', name: 'get_weather', args: '' }), tool(0, { args: '{"ci' }), tool(0, { args: 'ty":"Os' }), tool(0, { args: 'lo"}' }), finish('tool_calls'), usage()] },
  { name: '02-arguments-as-snapshots', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a":' }), tool(0, { args: '{"a":"x' }), tool(0, { args: '{"a":"xy"' }), tool(0, { args: '{"a":"xy"}' }), finish('tool_calls'), usage()] },
  { name: '02-arguments-repeated-at-the-end', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a":' }), tool(0, { args: '1}' }), tool(0, { id: 'call_a', name: 'f', args: '{"a":1}' }), finish('tool_calls'), usage()] },
  { name: '02-arguments-that-repeat-themselves', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a":' }), tool(0, { args: '{"a":1' }), tool(0, { args: '}}' }), finish('tool_calls'), usage()] },
  { name: '02-arguments-repeated-otherwise', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a":1}' }), tool(0, { args: '{ "a": 1 }' }), finish('tool_calls'), usage()] },
  { name: '02-braces-inside-strings', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a":"x}' }), tool(0, { args: ' \\"}' }), tool(0, { args: '"}' }), tool(1, { id: 'call_b', name: 'g', args: '{}' }), finish('tool_calls'), usage()] },
  { name: '02-no-arguments', upstream: [tool(0, { id: 'call_a', name: 'list' }), finish('tool_calls'), usage()] },
  { name: '02-arguments-as-object', upstream: [delta({ tool_calls: [{ index: 0, id: 'call_a', function: { name: 'f', arguments: { a: 1 } } }] }), finish('tool_calls'), usage()] },
  { name: '02-id-and-name-in-each-chunk', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a"' }), tool(0, { id: 'call_a', name: 'f', args: ':1}' }), finish('tool_calls'), usage()] },
  { name: '02-several-calls-in-one-chunk', upstream: [delta({ tool_calls: [call(0, { id: 'call_a', name: 'f', args: '{"a":1}' }), call(1, { id: 'call_b', name: 'g', args: '{"b":2}' })] }), finish('tool_calls'), usage()] },
  { name: '02-no-index', upstream: [delta({ tool_calls: [call(undefined, { id: 'call_a', name: 'f', args: '{"a"' })] }), delta({ tool_calls: [call(undefined, { args: ':1}' })] }), delta({ tool_calls: [call(undefined, { id: 'call_b', name: 'f', args: '{"a":2}' })] }), finish('tool_calls'), usage()] },
  { name: '02-no-index-no-id', upstream: [delta({ tool_calls: [call(undefined, { name: 'f', args: '{"a":1}' }), call(undefined, { name: 'f', args: '{"a":2}' })] }), finish('tool_calls'), usage()] },
  { name: '02-every-call-has-index-0', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a":1}' }), tool(0, { id: 'call_b', name: 'f', args: '{"a":2}' }), finish('tool_calls'), usage()] },
  { name: '03-parallel-calls-one-after-the-other', upstream: [tool(0, { id: 'call_a', name: 'f', args: '' }), tool(0, { args: '{"a":1}' }), tool(1, { id: 'call_b', name: 'g', args: '' }), tool(1, { args: '{"b":' }), tool(1, { args: '2}' }), finish('tool_calls'), usage()] },
  { name: '03-parallel-calls-mixed', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a"' }), tool(1, { id: 'call_b', name: 'g', args: '{"b"' }), tool(0, { args: ':1}' }), tool(1, { args: ':2}' }), tool(2, { id: 'call_c', name: 'h', args: '{}' }), finish('tool_calls'), usage()] },
  { name: '03-index-begins-at-1', upstream: [delta({ content: 'Two calls.' }), tool(1, { id: 'call_a', name: 'f', args: '{}' }), tool(2, { id: 'call_b', name: 'g', args: '{}' }), finish('tool_calls'), usage()] },
  { name: '03-ids-of-other-letters', upstream: [tool(0, { id: 'functions.Bash:0', name: 'Bash', args: '{}' }), tool(1, { id: 'functions.Bash:0', name: 'Bash', args: '{}' }), tool(2, { id: '', name: 'Bash', args: '{}' }), finish('tool_calls'), usage()] },
  { name: '03-id-after-the-name', upstream: [tool(0, { name: 'f', args: '{"a"' }), tool(0, { id: 'call_late', args: ':1}' }), finish('tool_calls'), usage()] },
  { name: '03-id-that-the-conversation-holds', request: { messages: [{ role: 'user', content: 'go' }, { role: 'assistant', content: [{ type: 'tool_use', id: 'call_0', name: 'f', input: {} }] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_0', content: 'ok' }] }] }, upstream: [tool(0, { id: 'call_0', name: 'f', args: '{}' }), finish('tool_calls'), usage()] },
  { name: '03-function-call-of-old', upstream: [delta({ function_call: { name: 'f', arguments: '{"a"' } }), delta({ function_call: { arguments: ':1}' } }), finish('function_call'), usage()] },
  { name: '04-usage-after-finish', upstream: [delta({ content: 'Hi' }), finish('stop'), usage({ prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 6 }, completion_tokens_details: { reasoning_tokens: 5 } })] },
  { name: '04-usage-with-finish', upstream: [delta({ content: 'Hi' }), finish('stop', { usage: { prompt_tokens: 9, completion_tokens: 3 } })] },
  { name: '04-usage-in-each-chunk', upstream: [{ ...delta({ content: 'H' }), usage: { prompt_tokens: 9, completion_tokens: 1 } }, { ...delta({ content: 'i' }), usage: { prompt_tokens: 9, completion_tokens: 2 } }, finish('stop', { usage: null })] },
  { name: '04-usage-that-a-zero-follows', upstream: [{ ...delta({ content: 'Hi' }), usage: { prompt_tokens: 9, completion_tokens: 3 } }, finish('stop', { usage: { prompt_tokens: 9, completion_tokens: 0 } })] },
  { name: '04-usage-inside-the-choice', upstream: [delta({ content: 'Hi' }), delta({}, { finish_reason: 'stop', usage: { prompt_tokens: 9, completion_tokens: 3, cached_tokens: 4 } })] },
  { name: '04-usage-in-deepseeks-words', upstream: [delta({ content: 'Hi' }), finish('stop'), usage({ prompt_cache_hit_tokens: 60, prompt_cache_miss_tokens: 40 })] },
  { name: '04-reasoning-counted-apart', upstream: [delta({ content: 'Hi' }), finish('stop'), usage({ total_tokens: 150, completion_tokens_details: { reasoning_tokens: 30 } })] },
  { name: '04-no-usage', upstream: [delta({ content: 'Twelve bytes' }), finish('stop')] },
  { name: '05-stop-with-calls', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{}' }), finish('stop'), usage()] },
  { name: '05-tool-calls-without-calls', upstream: [delta({ content: 'Hi' }), finish('tool_calls'), usage()] },
  { name: '05-length', upstream: [delta({ content: 'Hi' }), finish('length'), usage()] },
  { name: '05-length-inside-a-call', upstream: [tool(0, { id: 'call_a', name: 'f', args: '{"a":"x' }), finish('length'), usage()] },
  { name: '05-content-filter', upstream: [delta({ content: 'Hi' }), finish('content_filter'), usage()] },
  { name: '05-refusal', upstream: [delta({ refusal: 'I cannot.' }), finish('stop'), usage()] },
  { name: '05-stop-sequence-told', request: { stop_sequences: ['###'] }, upstream: [delta({ content: 'Hi' }), delta({}, { finish_reason: 'stop', stop_reason: '###' }), usage()] },
  { name: '05-nothing-said', upstream: [start, finish('stop'), usage()] },
  { name: '08-think-tags', upstream: [delta({ content: '<thi' }), delta({ content: 'nk>\nHm' }), delta({ content: 'm.</th' }), delta({ content: 'ink>\n\nAn' }), delta({ content: 'swer with <think> inside' }), finish('stop'), usage()] },
  { name: '08-think-tag-never-closed', upstream: [delta({ content: '<think>Hm</thin' }), finish('stop'), usage()] },
  { name: '08-not-a-think-tag', upstream: [delta({ content: '<thi' }), delta({ content: 's is text' }), finish('stop'), usage()] },
  { name: '08-tags-in-the-middle', upstream: [delta({ content: 'Use ' }), delta({ content: '<think>' }), delta({ content: 'tags</think>' }), finish('stop'), usage()] },
  { name: '08-reasoning-details', upstream: [delta({ reasoning_details: [{ type: 'reasoning.summary', summary: 'Sum' }, { type: 'reasoning.text', text: 'med' }] }), delta({ content: 'Hi' }), finish('stop'), usage()] },
  { name: '08-reasoning-in-two-fields', upstream: [delta({ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }], reasoning_content: 'Hm' }), delta({ content: 'Hi' }), finish('stop'), usage()] },
  { name: '08-content-as-parts', upstream: [delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }, { type: 'text', text: 'Hi' }] }), finish('stop'), usage()] },
  { name: '08-blanks-before-calls', upstream: [delta({ reasoning_content: 'Hm' }), delta({ content: '\n\n' }), tool(0, { id: 'call_a', name: 'f', args: '{}' }), finish('tool_calls'), usage()] },
  { name: '09-error-in-mid-stream', upstream: `${chatStream([delta({ content: 'Hi' })], { done: false })}data: {"error":{"message":"Rate limit reached","type":"rate_limit_exceeded","code":429}}\n\ndata: [DONE]\n\n` },
  { name: '09-chunks-after-an-error', upstream: [delta({ content: 'Hi' }), { error: { message: 'Broke', type: 'server_error' } }, delta({ content: ' again' }), finish('stop'), usage()] },
  { name: '09-error-at-once', upstream: 'data: {"error":{"message":"The engine is currently overloaded","type":"engine_overloaded_error"}}\n\n' },
  { name: '09-error-named-by-the-event', upstream: 'event: error\ndata: {"code":"InternalError","message":"It broke"}\n\n' },
  { name: '09-error-as-finish', upstream: [delta({ content: 'Hi' }), finish('network_error')] },
  { name: '09-too-long-in-stream', upstream: 'data: {"error":{"message":"This model\'s maximum context length is 1000 tokens. However, your messages resulted in 1234 tokens.","code":"context_length_exceeded"}}\n\n' },
  { name: '09-ends-without-finish', upstream: `${chatStream([delta({ content: 'Hi' })], { done: false })}` },
  { name: '09-done-without-finish', upstream: chatStream([delta({ content: 'Hi' })]) },
  { name: '12-crlf-comments-and-lines', upstream: `: OPENROUTER PROCESSING\r\n\r\nevent: message\r\nid: 7\r\ndata:${JSON.stringify(delta({ content: 'Hi' }))}\r\n\r\ndata: {"choices":[{"delta":{},\r\ndata: "finish_reason":"stop"}],\r\ndata: "usage":{"prompt_tokens":1,"completion_tokens":1}}\r\n\r\ndata: [DONE]\r\n\r\n` },
  { name: '12-no-blank-line-at-the-end', upstream: chatStream([delta({ content: 'Hi' }), finish('stop'), usage()]).trimEnd() },
  { name: '14-one-json-for-a-stream', upstream: JSON.stringify({ id: 'chatcmpl-1', model: 'served-model', choices: [{ index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: 'Hi', reasoning_content: 'Hm', tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }, { id: 'call_a', type: 'function', function: { name: 'g', arguments: '' } }] } }], usage: { prompt_tokens: 9, completion_tokens: 3 } }) },
]
