import { describe, expect, it } from 'vitest'
import { errorAnswer } from '#server/platforms/openai/errors'
import { openaiVerdicts, judgeOpenai } from '#server/platforms/openai/verdicts'
import { lookUp } from '#server/platforms/_shared/verdict'
import { converted, converterFor } from '../../../helpers/chat'

const NOW = 1_800_000_000_000
const open = (message: string, type = 'invalid_request_error', code: unknown = null) => ({ error: { message, type, param: null, code } })
const errorOf = (status: number, body: unknown, requestBytes = 4_000) => errorAnswer(status, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), requestBytes)

/** A case or more for each row of the table, in the shapes that upstreams really give. */
const fixtures: [number, unknown, string, string][] = [
  [400, { type: 'error', error: { type: 'invalid_request_error', message: 'A PDF document cannot be sent to an OpenAI-format upstream. Take it out.' } }, 'pass_over', 'unsupported'],
  [400, open('This model\'s maximum context length is 128000 tokens. However, your messages resulted in 130005 tokens.', 'invalid_request_error', 'context_length_exceeded'), 'pass', 'too_long'],
  [429, open('You exceeded your current quota, please check your plan and billing details.', 'insufficient_quota', 'insufficient_quota'), 'account_fault', 'no_credit'],
  [402, open('Insufficient Balance', 'unknown_error', 'invalid_request_error'), 'account_fault', 'no_credit'],
  [429, { error: { code: '1113', message: '您的账户已欠费，请充值后重试' } }, 'account_fault', 'no_credit'],
  [402, { error: { code: 402, message: 'This request requires more credits, or fewer max_tokens.' } }, 'account_fault', 'no_credit'],
  [401, open('Your account has been deactivated.', 'invalid_request_error', 'account_deactivated'), 'account_fault', 'disabled'],
  [404, open('The model `gpt-9` does not exist or you do not have access to it.', 'invalid_request_error', 'model_not_found'), 'pass_over', 'model_missing'],
  [404, { error: { message: 'model "llama9" not found, try pulling it first', type: 'api_error' } }, 'pass_over', 'model_missing'],
  [400, { error: { code: '1211', message: '模型不存在，请检查模型代码。' } }, 'pass_over', 'model_missing'],
  [404, { error: { message: 'No endpoints found that support tool use', code: 404 } }, 'pass_over', 'model_missing'],
  [404, { object: 'error', message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 }, 'pass_over', 'model_missing'],
  [400, open('Incorrect API key provided: sk-ab***.', 'invalid_request_error', 'invalid_api_key'), 'account_fault', 'unauthorized'],
  [401, open('Authentication Fails'), 'account_fault', 'unauthorized'],
  [400, open('<400> InternalError.Algo.DataInspectionFailed: Input data may contain inappropriate content.', 'data_inspection_failed', 'data_inspection_failed'), 'pass', 'refused_content'],
  [429, open('Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 60000.', 'tokens', 'rate_limit_exceeded'), 'pass_over', 'request_limited'],
  [429, { error: { message: 'The engine is currently overloaded, please try again later', type: 'engine_overloaded_error' } }, 'transient', 'overloaded'],
  [402, '', 'account_fault', 'no_credit'],
  [403, open('Country, region, or territory not supported', 'request_forbidden', 'unsupported_country'), 'account_fault', 'forbidden'],
  [404, '<html><body>404</body></html>', 'account_fault', 'wrong_address'],
  [405, { detail: 'Method Not Allowed' }, 'account_fault', 'wrong_address'],
  [429, open('Rate limit reached for gpt-4o on requests per min. Please try again in 20s.', 'requests', 'rate_limit_exceeded'), 'limited', 'rate_limited'],
  [408, '', 'transient', 'timeout'],
  [503, open('The server is currently overloaded with other requests.', 'server_error'), 'transient', 'overloaded'],
  [500, open('The server had an error while processing your request.', 'server_error'), 'transient', 'server_error'],
  [502, '<html><h1>502 Bad Gateway</h1></html>', 'transient', 'server_error'],
  [400, open('Unknown parameter: \'reasoning_effort\'.'), 'pass', 'client_error'],
  [422, { detail: [{ loc: ['body', 'messages'], msg: 'Field required', type: 'missing' }] }, 'pass', 'client_error'],
]

describe('verdicts', () => {
  it.each(fixtures)('%i %j is %s (%s)', (status, body, verdict, reason) => {
    expect(judgeOpenai({ status, rawHeaders: [], error: errorOf(status, body), call: 'messages' }, NOW)).toMatchObject({ verdict, reason })
  })

  it('every row of the table has its case', () => {
    const hit = new Set(fixtures.map(([status, body]) => lookUp(openaiVerdicts, { status, rawHeaders: [], error: errorOf(status, body), call: 'messages' })))
    expect(openaiVerdicts.filter(row => !hit.has(row))).toEqual([])
  })

  const limit = (rawHeaders: string[], message = 'Rate limit') => judgeOpenai({ status: 429, rawHeaders, error: errorOf(429, open(message)), call: 'messages' }, NOW).until
  it.each([
    ['retry-after', ['retry-after', '30'], undefined, 30_000],
    ['a header of what is used up', ['x-ratelimit-remaining-requests', '0', 'x-ratelimit-reset-requests', '1m30s', 'x-ratelimit-remaining-tokens', '9', 'x-ratelimit-reset-tokens', '6h'], undefined, 90_000],
    ['words', [], 'Please try again in 7.5s.', 7_500],
    ['too short a time', [], 'Please try again in 20ms.', 5_000],
  ])('the end of a limit is read from %s', (_, headers, message, ms) => {
    expect(limit(headers, message)).toBe(NOW + ms)
  })

  it('and is open where nobody tells', () => {
    expect(limit([])).toBeNull()
  })
})

describe('errors as the client gets them', () => {
  it.each([
    [400, open('Bad value'), 'invalid_request_error', 'Bad value'],
    [401, { error: 'bad key' }, 'authentication_error', 'bad key'],
    [402, { message: 'Pay' }, 'billing_error', 'Pay'],
    [403, { code: 'Forbidden', msg: 'No' }, 'permission_error', 'No'],
    [404, { detail: 'Nope' }, 'not_found_error', 'Nope'],
    [422, { detail: [{ msg: 'Field required' }, { msg: 'Too short' }] }, 'invalid_request_error', 'Field required; Too short'],
    [429, [{ error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED' } }], 'rate_limit_error', 'Quota'],
    [500, '', 'api_error', 'The upstream answered with status 500.'],
    [502, '<html>502 Bad Gateway</html>', 'api_error', 'The upstream answered with status 502.'],
    [503, 'no healthy upstream', 'overloaded_error', 'no healthy upstream'],
    [418, { error: { message: 'Tea' } }, 'invalid_request_error', 'Tea'],
  ])('%i %j is %s', (status, body, type, message) => {
    expect(errorOf(status, body)).toMatchObject({ type, message })
  })

  it.each([
    ['OpenAI', 'This model\'s maximum context length is 128000 tokens. However, your messages resulted in 130005 tokens (129000 in the messages, 1005 in the functions).', 'prompt is too long: 130005 tokens > 128000 maximum'],
    ['vLLM, DeepSeek', 'This model\'s maximum context length is 65536 tokens. However, you requested 70000 tokens (62000 in the messages, 8000 in the completion).', 'prompt is too long: 70000 tokens > 65536 maximum'],
    ['vLLM of late', 'This model\'s maximum context length is 32768 tokens. However, your request has 40000 input tokens.', 'prompt is too long: 40000 tokens > 32768 maximum'],
    ['OpenRouter', 'This endpoint\'s maximum context length is 131,072 tokens. However, you requested about 140,000 tokens.', 'prompt is too long: 140000 tokens > 131072 maximum'],
    ['Moonshot', 'Invalid request: Your request exceeded model token limit: 131072 (requested: 140000)', 'prompt is too long: 140000 tokens > 131072 maximum'],
    ['Mistral', 'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length', 'prompt is too long: 40000 tokens > 32768 maximum'],
    ['DashScope, which tells only the limit', 'Range of input length should be [1, 129024]', 'prompt is too long: 200000 tokens > 129024 maximum'],
    ['one that tells no number', 'Your input exceeds the context window of this model.', 'prompt is too long (capability_rejected: prompt_too_long): invalid_request_error: Your input exceeds the context window of this model.'],
  ])('trap 11: a conversation too long for %s is told in the official words', (_, message, expected) => {
    expect(errorOf(400, open(message), 800_000)).toMatchObject({ type: 'invalid_request_error', message: expected })
  })

  it.each(['max_tokens is too large: 128000. This model supports at most 16384 completion tokens, context length 128000.', 'Invalid parameter: messages'])('and nothing else is: %s', (message) => {
    expect(errorOf(400, open(message)).message).toBe(message)
  })

  it('trap 9: keep status and retry-after, and tell nothing of the account', () => {
    const converter = converterFor(true)
    const headers = converter.head(429, ['Content-Type', 'application/json', 'Content-Length', '99', 'Retry-After', '7', 'x-request-id', 'req_up', 'openai-organization', 'org-secret', 'x-ratelimit-remaining-requests', '0'])
    expect(headers).toEqual(['Retry-After', '7', 'x-ratelimit-remaining-requests', '0', 'request-id', 'req_up', 'content-type', 'application/json'])
    converter.push(Buffer.from(JSON.stringify(open('Slow down'))))
    expect(JSON.parse(converter.end()!.toString())).toEqual({ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down' } })
  })

  it.each(['<!DOCTYPE html><html></html>', '{"hello":1}', '{"choices":[{"mess'])('trap 9: 200 with %s is no answer', (body) => {
    expect(() => converted(converterFor(true), [body])).toThrow('not a chat completion')
    expect(() => converted(converterFor(false), [body])).toThrow('not a chat completion')
  })

  it('trap 9: 200 with an error in JSON is an error', () => {
    expect(JSON.parse(converted(converterFor(false), [JSON.stringify({ error: { message: 'Provider returned error', code: 502, metadata: { raw: 'x' } } })]))).toEqual({ type: 'error', error: { type: 'api_error', message: 'Provider returned error' } })
  })

  it('a broken event ends the answer', () => {
    expect(() => converted(converterFor(true), ['data: {"choices":[\n\n'])).toThrow('not a JSON object')
  })
})
