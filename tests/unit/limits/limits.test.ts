import { describe, expect, it } from 'vitest'
import { admit, brokenLimits, limits } from '#server/limits/index'
import type { AdmitContext } from '#server/limits/limit'
import { RelayError } from '#server/relay/errors'
import en from '~/i18n/en.json'
import zh from '~/i18n/zh-CN.json'
import { principal, type GivenPrincipal } from '../../helpers/principal'

const context = (given: GivenPrincipal, over: Partial<AdmitContext> = {}): AdmitContext =>
  ({ principal: principal(given), model: 'claude-sonnet-5-5', ip: '203.0.113.7', userAgent: 'claude-cli/2.1.330 (external, cli)', now: 1000, ...over })

function errorOf(given: GivenPrincipal, over: Partial<AdmitContext> = {}): RelayError | null {
  try {
    admit('key', context(given, over))
    admit('request', context(given, over))
    return null
  }
  catch (error) {
    if (error instanceof RelayError) return error
    throw error
  }
}
const codeOf = (given: GivenPrincipal, over: Partial<AdmitContext> = {}): string => errorOf(given, over)?.code ?? 'admitted'

describe('what a key must pass', () => {
  it.each<[string, GivenPrincipal, string]>([
    ['an enabled key', {}, 'admitted'],
    ['a disabled key', { key: { enabled: false } }, 'key_disabled'],
    ['a key of a disabled owner', { owner: { enabled: false } }, 'key_disabled'],
    ['a key of a disabled group', { group: { enabled: false } }, 'key_disabled'],
    ['a key that expires now', { key: { expiresAt: 1000 } }, 'key_expired'],
    ['a key that expires in a moment', { key: { expiresAt: 1001 } }, 'admitted'],
    ['an expired key that is disabled too', { key: { expiresAt: 1, enabled: false } }, 'key_expired'],
    ['a model on the list', { key: { models: ['claude-sonnet-*'] } }, 'admitted'],
    ['exactly that model', { key: { models: ['claude-sonnet-5-5'] } }, 'admitted'],
    ['a model off the list', { key: { models: ['claude-haiku-*', 'claude-sonnet-5'] } }, 'model_denied'],
    ['an address in a range', { key: { ipAllow: ['203.0.113.0/24'] } }, 'admitted'],
    ['the last address of a range', { key: { ipAllow: ['203.0.113.0/29'] } }, 'admitted'],
    ['an address outside', { key: { ipAllow: ['203.0.113.8/29', '2001:db8::/32'] } }, 'ip_denied'],
    ['Claude Code', { key: { clients: ['claude-code'] } }, 'admitted'],
    ['another client', { key: { clients: ['opencode'] } }, 'client_denied'],
  ])('%s', (_, given, code) => {
    expect(codeOf(given)).toBe(code)
  })

  it('an address that is not known is in no range, and a client without a name is none of the allowed', () => {
    expect(codeOf({ key: { ipAllow: ['0.0.0.0/0'] } }, { ip: '' })).toBe('ip_denied')
    expect(codeOf({ key: { clients: ['claude-code'] } }, { userAgent: undefined })).toBe('client_denied')
    expect(codeOf({ key: { clients: ['claude-code'] } }, { userAgent: 'not-claude-cli/1' })).toBe('client_denied')
  })

  it('tells in the owner\'s language', () => {
    const expired = { key: { expiresAt: 500 } }
    expect(errorOf({ ...expired, owner: { locale: 'zh-CN' } })?.message).toContain('已于 1970-01-01T00:00:00.500Z 过期')
    for (const locale of ['en', null]) expect(errorOf({ ...expired, owner: { locale } })?.message).toContain('expired at 1970-01-01T00:00:00.500Z')
  })
})

/** For each limit: settings that are sound, settings that are not, and what a sound one gives a request that it does not turn away. */
const cases: Record<string, { good: GivenPrincipal['key'], bad: Record<string, unknown>[], wants?: object }> = {
  'key-active': { good: {}, bad: [{ broken: 'limits' }] },
  'ip-allowed': { good: { ipAllow: ['203.0.113.7'] }, bad: [{ ipAllow: ['not an address'] }, { ipAllow: ['203.0.113.0/99'] }] },
  'client-allowed': { good: { clients: ['claude-code'] }, bad: [{ clients: [''] }, { clients: [7] }] },
  'model-allowed': { good: { models: ['claude-*'] }, bad: [{ models: [''] }, { models: 'claude' }] },
  'cost-daily': { good: { limits: { dailyNano: 5 } }, bad: [{ limits: { dailyNano: '5' } }, { limits: { dailyNano: -1 } }, { limits: { dailyNano: null } }], wants: { caps: { day: 5 } } },
  'cost-weekly': { good: { limits: { weeklyNano: 5 } }, bad: [{ limits: { weeklyNano: 1.5 } }], wants: { caps: { week: 5 } } },
  'cost-monthly': { good: { limits: { monthlyNano: 5 } }, bad: [{ limits: { monthlyNano: {} } }], wants: { caps: { month: 5 } } },
  'cost-total': { good: { limits: { totalNano: 0 } }, bad: [{ limits: { totalNano: Number.NaN } }], wants: { caps: { total: 0 } } },
  'concurrency': { good: { limits: { concurrency: 2 } }, bad: [{ limits: { concurrency: 0 } }, { limits: { concurrency: 'many' } }], wants: { places: 2 } },
  'requests-per-minute': { good: { limits: { requestsPerMinute: 3 } }, bad: [{ limits: { requestsPerMinute: 0.5 } }], wants: { rate: { max: 3, windowMs: 60_000 } } },
}

describe('every limit', () => {
  it('has its case here', () => {
    expect(limits.map(({ id }) => id).sort()).toEqual(Object.keys(cases).sort())
  })

  it.each(limits.map(limit => [limit.id, limit] as const))('%s: lets pass what it allows, and wants what it counts', (id, limit) => {
    const { good, wants } = cases[id]!
    expect(codeOf({ key: good })).toBe('admitted')
    expect(admit(limit.phase, context({ key: good }))?.wanted ?? null).toEqual(wants ? expect.objectContaining(wants) : null)
  })

  it.each(limits.map(limit => [limit.id, limit] as const))('%s: leaves a key alone that has no settings for it', (_, limit) => {
    expect(admit(limit.phase, context({}))).toBeNull()
  })

  it.each(limits.map(({ id }) => id))('%s: settings that cannot be read are told, never passed over', (id) => {
    for (const bad of cases[id]!.bad) {
      const { key } = principal({ key: bad as GivenPrincipal['key'] })
      if (id !== 'key-active') expect(brokenLimits(key)).toEqual([id])
      key.broken ??= brokenLimits(key).join(', ')
      expect(errorOf({ key })).toMatchObject({ code: 'key_disabled', message: expect.stringContaining('cannot be read') as string })
    }
  })

  it.each(limits.map(limit => [limit.id, limit] as const))('%s: a deleted or disabled owner is refused first', (id) => {
    expect(codeOf({ key: cases[id]!.good, owner: { enabled: false } })).toBe('key_disabled')
  })

  it.each(limits.map(limit => [limit.id, limit] as const))('%s: is described for the form, with labels in both languages', (_, limit) => {
    for (const texts of [en.limits, zh.limits] as Record<string, string>[]) {
      for (const { label, help, unit } of limit.form) for (const key of [label, help, unit]) if (key) expect([key, texts[key.replace('limits.', '')]]).toEqual([key, expect.any(String)])
    }
  })
})

describe('a refusal of a counted limit', () => {
  const now = Date.UTC(2026, 10, 24, 12)
  const all = { dailyNano: 5e9, weeklyNano: 20e9, monthlyNano: 50e9, totalNano: 100e9, concurrency: 2, requestsPerMinute: 3 }
  const refusal = (shortage: Parameters<NonNullable<ReturnType<typeof admit>>['refuse']>[0], locale: string | null = null) =>
    admit('request', context({ key: { limits: all }, owner: { locale } }, { now }))!.refuse(shortage, 'Asia/Shanghai')

  it.each([
    ['day', 'daily', 5, '2026-11-24T16:00:00.000Z'], ['week', 'weekly', 20, '2026-11-29T16:00:00.000Z'],
    ['month', 'monthly', 50, '2026-11-30T16:00:00.000Z'], ['total', 'total', 100, null],
  ] as const)('cost per %s: says which, used, cap and when it resets at local midnight', (period, which, cap, resets) => {
    const error = refusal({ local: true, result: 'cap', period, used: cap * 1e9 + 250_000_000, reserved: 0 })
    expect(error).toMatchObject({ code: 'cost_limit', status: 402, options: { details: { which, used: `${cap}.25`, cap: String(cap), resets_at: resets } } })
    expect(error.options.shouldRetry).toBeUndefined()
    for (const part of [`${cap}.25`, String(cap), ...resets ? [resets] : []]) expect(error.message).toContain(part)
  })

  it('money that is only set aside is worth another try', () => {
    const error = refusal({ local: true, result: 'cap', period: 'day', used: 4e9, reserved: 900_000_000 }, 'zh-CN')
    expect(error).toMatchObject({ code: 'cost_limit', options: { shouldRetry: true, retryAfterSeconds: 2, details: { used: '4', reserved: '0.9', resets_at: '2026-11-24T16:00:00.000Z' } } })
    expect(error.message).toContain('已预留 0.9 美元')
  })

  it('requests per minute and at once: 429 that the client waits for', () => {
    expect(refusal({ local: true, result: 'rate', count: 3, retryAfterMs: 42_500 })).toMatchObject({
      code: 'rate_limit', status: 429, options: { retryAfterSeconds: 42.5, details: { which: 'requests_per_minute', used: 3, cap: 3, resets_at: '2026-11-24T12:00:42.500Z' } },
    })
    const busy = refusal({ local: true, result: 'places', count: 2 }, 'zh-CN')
    expect(busy).toMatchObject({ code: 'key_concurrency', status: 429, options: { details: { which: 'concurrency', used: 2, cap: 2, resets_at: null } } })
    expect(busy.options.retryAfterSeconds).toBeLessThanOrEqual(60)
    expect(busy.message).toContain('最多同时运行 2 个')
  })
})
