import { describe, expect, it } from 'vitest'
import type { Rejection } from '#server/relay/delivery-types'
import { RelayError } from '#server/relay/errors'
import { lastWord, type Failure } from '#server/relay/final'
import type { Skipped } from '#server/scheduler/choose'
import { poolAccount } from '../../helpers/pool'

const NOW = 1_800_000_000_000
const rejection = (status: number): Rejection => ({ status, rawHeaders: [], decoded: false, body: Buffer.alloc(0), error: null })
const rejected = (status: number, verdict: Failure['verdict'], reason = 'r'): Failure => ({ verdict, reason, error: null, rejection: rejection(status) })
const failed = (code: 'upstream_timeout' | 'pool_empty'): Failure => ({ verdict: 'transient', reason: code, error: new RelayError(code, 'm'), rejection: null })
const skipped = (reason: Skipped['reason'], until: number | null): Skipped => ({ account: poolAccount('a'), reason, until })
const say = (failures: Failure[], others: Skipped[] = []): number | string => {
  const word = lastWord(failures, others, { model: 'm', now: NOW, accounts: 1 })
  return 'rejection' in word ? word.rejection.status : word.error.code
}

describe('the last word when no account delivered', () => {
  it('is what an upstream said about the request, then about its own trouble', () => {
    expect(say([rejected(404, 'pass_over', 'model_missing'), rejected(529, 'transient')])).toBe(404)
    expect(say([rejected(503, 'transient'), rejected(401, 'account_fault'), failed('pool_empty')])).toBe(503)
    expect(say([rejected(500, 'transient'), rejected(529, 'transient')])).toBe(529)
  })

  it.each([401, 402, 403, 429])('is never an account\'s %i', (status) => {
    expect(say([rejected(status, status === 429 ? 'limited' : 'account_fault')])).toBe('pool_empty')
    expect(say([rejected(status, 'pass_over', 'count_limited')])).toBe('pool_empty')
  })

  it('says that an upstream was too slow when that is all there was', () => {
    expect(say([failed('pool_empty'), failed('upstream_timeout')])).toBe('upstream_timeout')
    expect(say([rejected(401, 'account_fault'), failed('upstream_timeout')])).toBe('pool_empty')
  })

  it('asks the client to wait when an account is back within a minute, and tells the time', () => {
    const word = lastWord([], [skipped('limited', NOW + 59_500), skipped('abnormal', null)], { model: 'm', now: NOW, accounts: 1 })
    expect(word).toMatchObject({ error: { code: 'pool_wait', options: { retryAfterSeconds: 59.5 } } })
    expect('error' in word && word.error.message).toContain(new Date(NOW + 59_500).toISOString())
    expect(say([], [skipped('limited', NOW + 60_001)])).toBe('pool_empty')
    expect(say([], [skipped('disabled', null)])).toBe('pool_empty')
    expect(say([])).toBe('pool_empty')
  })
})
