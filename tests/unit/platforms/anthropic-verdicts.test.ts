import { describe, expect, it } from 'vitest'
import { anthropicVerdicts, judgeAnthropic } from '#server/platforms/_shared/anthropic-verdicts'
import { resetTime } from '#server/platforms/_shared/reset-time'
import { lookUp, type ErrorAnswer } from '#server/platforms/_shared/verdict'

const NOW = 1_800_000_000_000
const answer = (status: number, type: string, message: string, rawHeaders: string[] = [], call: ErrorAnswer['call'] = 'messages'): ErrorAnswer => ({ status, rawHeaders, error: { type, message }, call })

/** Shapes that upstreams really answer, a case or more for each row of the table. */
const fixtures: [ErrorAnswer, string, string][] = [
  [answer(400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.'), 'account_fault', 'no_credit'],
  [answer(429, 'rate_limit_error', 'You exceeded your current quota, please check your plan and billing details.'), 'account_fault', 'no_credit'],
  [answer(403, 'new_api_error', '账户余额不足'), 'account_fault', 'no_credit'],
  [answer(400, 'invalid_request_error', 'This organization has been disabled.'), 'account_fault', 'disabled'],
  [answer(403, 'permission_error', 'Your account has been suspended.'), 'account_fault', 'disabled'],
  [answer(404, 'not_found_error', 'model: claude-opus-9'), 'pass_over', 'model_missing'],
  [answer(400, 'invalid_request_error', 'The model `glm-9` does not exist or you do not have access to it.'), 'pass_over', 'model_missing'],
  [answer(400, 'invalid_request_error', '模型不存在，请检查模型代码。'), 'pass_over', 'model_missing'],
  [answer(429, 'rate_limit_error', 'Extra usage is required for long context requests.'), 'pass_over', 'request_limited'],
  [answer(401, 'authentication_error', 'invalid x-api-key'), 'account_fault', 'unauthorized'],
  [answer(402, 'billing', 'Payment required'), 'account_fault', 'no_credit'],
  [answer(403, 'permission_error', 'Request not allowed'), 'account_fault', 'forbidden'],
  [answer(429, 'rate_limit_error', 'This request would exceed your organization\'s rate limit of 50 requests per minute.'), 'limited', 'rate_limited'],
  [answer(408, 'timeout_error', 'Request timed out'), 'transient', 'timeout'],
  [answer(529, 'overloaded_error', 'Overloaded'), 'transient', 'overloaded'],
  [answer(500, 'api_error', 'Internal server error'), 'transient', 'server_error'],
  [{ status: 502, rawHeaders: [], error: null, call: 'messages' }, 'transient', 'server_error'],
  [{ status: 524, rawHeaders: [], error: null, call: 'messages' }, 'transient', 'server_error'],
  [answer(418, 'overloaded_error', 'Overloaded'), 'transient', 'overloaded'],
  [answer(400, 'invalid_request_error', 'messages.3.role: Input should be \'user\' or \'assistant\''), 'pass', 'client_error'],
  [answer(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'), 'pass', 'client_error'],
  [answer(404, 'not_found_error', 'Not found'), 'pass', 'client_error'],
  [answer(413, 'request_too_large', 'Request exceeds the maximum size'), 'pass', 'client_error'],
  [answer(422, 'invalid_request_error', 'thinking: adaptive is not supported'), 'pass', 'client_error'],
]

describe('verdicts on error answers', () => {
  it.each(fixtures)('%j is %s (%s)', (given, verdict, reason) => {
    expect(judgeAnthropic(given, NOW)).toMatchObject({ verdict, reason })
  })

  it('every row of the table has a fixture', () => {
    const used = new Set(fixtures.map(([given]) => lookUp(anthropicVerdicts, given)))
    expect(anthropicVerdicts.filter(row => !used.has(row))).toEqual([])
  })

  it('a limit on counting tokens says nothing about the account', () => {
    expect(judgeAnthropic(answer(429, 'rate_limit_error', 'limited', ['retry-after', '60'], 'count_tokens'), NOW)).toMatchObject({ verdict: 'pass_over', until: null })
  })

  it('a limit on one family is told apart by the upstream\'s claim', () => {
    const headers = ['anthropic-ratelimit-unified-status', 'rejected', 'anthropic-ratelimit-unified-reset', String(NOW / 1000 + 3600), 'anthropic-ratelimit-unified-representative-claim', 'seven_day_opus']
    expect(judgeAnthropic(answer(429, 'rate_limit_error', 'limited', headers), NOW)).toMatchObject({ verdict: 'limited', family: 'opus', until: NOW + 3_600_000 })
    expect(judgeAnthropic(answer(429, 'rate_limit_error', 'limited', headers.with(-1, 'five_hour')), NOW).family).toBeNull()
  })
})

describe('reset times', () => {
  it.each([
    [['Retry-After', '30'], NOW + 30_000],
    [['retry-after', '0'], NOW + 5_000],
    [['retry-after', '99999999'], NOW + 8 * 86_400_000],
    [['retry-after', new Date(NOW + 60_000).toUTCString()], NOW + 60_000],
    [['retry-after', 'soon'], null],
    [['anthropic-ratelimit-unified-status', 'rejected', 'anthropic-ratelimit-unified-reset', String(NOW / 1000 + 10), 'retry-after', '99'], NOW + 10_000],
    [['anthropic-ratelimit-unified-status', 'allowed', 'anthropic-ratelimit-unified-reset', String(NOW / 1000 + 10), 'retry-after', '99'], NOW + 99_000],
    [['anthropic-ratelimit-tokens-remaining', '0', 'anthropic-ratelimit-tokens-reset', new Date(NOW + 20_000).toISOString()], NOW + 20_000],
    [['anthropic-ratelimit-tokens-remaining', '5', 'anthropic-ratelimit-tokens-reset', new Date(NOW + 20_000).toISOString()], null],
    [[], null],
  ])('%j', (headers, at) => {
    expect(resetTime(headers, NOW)).toBe(at)
  })
})
