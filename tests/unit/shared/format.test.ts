import { describe, expect, it } from 'vitest'
import { formatBytes, formatChange, formatCount, formatCountdown, formatDuration, formatExactMoney, formatMoney, formatMoneyShort, formatShare, formatTime, formatTokens, fromLocalInput, isZone, toLocalInput } from '#shared/utils/format'
import { languageOf } from '#shared/utils/language'
import { safePath } from '#shared/utils/safe-path'

describe('numbers', () => {
  it('separates thousands', () => {
    expect([0, 999, 1000, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567'])
  })

  it('shortens large token counts by the habits of the language', () => {
    expect([99_999, 100_000, 1_234_567, 2_500_000_000].map(value => formatTokens(value, 'en'))).toEqual(['99,999', '100K', '1.23M', '2.5B'])
    expect([99_999, 123_456, 1_234_567, 2_500_000_000].map(value => formatTokens(value, 'zh-CN'))).toEqual(['99,999', '12.3万', '123万', '25亿'])
  })

  it('never shows a share that is there as nothing, nor one that lacks something as all', () => {
    expect([0, 0.001, 0.334, 0.996, 1].map(formatShare)).toEqual(['0%', '<1%', '33%', '99%', '100%'])
  })

  it('shortens bytes', () => {
    expect([0, 1, 1023, 1024, 12_595, 5 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1 B', '1023 B', '1 KiB', '12.3 KiB', '5 GiB'])
  })

  it('counts down in whole seconds, to 0 and no further', () => {
    expect([-5, 1, 59_001, 61_000, 7_500_000].map(ms => formatCountdown(ms, 'en'))).toEqual(['0 s', '1 s', '1 min', '1 min 1 s', '2 h 5 min'])
    expect(formatCountdown(41_500, 'zh-CN')).toBe('42 秒')
  })

  it('never shows money that was spent as nothing', () => {
    expect([0, 1, 375_000, 33_582_000, 1_500_000_000, 123_456_789_000_000].map(formatMoney))
      .toEqual(['$0.00', '<$0.000001', '$0.000375', '$0.033582', '$1.50', '$123,456.79'])
  })

  it('shows exact money to the last digit', () => {
    expect([0, 375, 3_702_000_000, 1_000_000_000_001].map(formatExactMoney)).toEqual(['$0.00', '$0.000000000375', '$0.003702', '$1.000000000001'])
  })

  it('rounds durations without a sixtieth second or a sixtieth minute', () => {
    expect([0, 999, 1000, 59_949, 59_960, 192_000, 3_599_600, 86_399_999].map(ms => formatDuration(ms, 'en')))
      .toEqual(['0 ms', '999 ms', '1.0 s', '59.9 s', '1 min', '3 min 12 s', '1 h', '1 d'])
    expect(formatDuration(192_000, 'zh-CN')).toBe('3 分 12 秒')
  })
})

describe('times', () => {
  const at = Date.UTC(2026, 0, 5, 16, 3, 22)

  it('shows the clock of the zone, midnight as 00', () => {
    expect(formatTime(at, 'Asia/Shanghai')).toBe('2026-01-06 00:03:22')
    expect(formatTime(at, 'UTC')).toBe('2026-01-05 16:03:22')
  })

  it('reads a typed time back in the zone it was shown in, across clock changes', () => {
    for (const zone of ['UTC', 'Asia/Shanghai', 'America/New_York', 'Asia/Kathmandu']) {
      for (const day of [Date.UTC(2026, 0, 5, 5, 30), Date.UTC(2026, 2, 8, 12, 0), Date.UTC(2026, 10, 1, 18, 45)])
        expect(fromLocalInput(toLocalInput(day, zone), zone)).toBe(day)
    }
    expect(fromLocalInput('nonsense', 'UTC')).toBeNull()
    expect(fromLocalInput('2026-13-40T99:99', 'UTC')).toBeNull()
  })

  it('knows a zone from other text', () => {
    expect(['Asia/Shanghai', 'Nowhere/Town', '', null].map(isZone)).toEqual([true, false, false, false])
  })
})

describe('language', () => {
  it('is the chosen one, else the browser\'s best, else English', () => {
    expect(languageOf('zh-CN', 'en')).toBe('zh-CN')
    expect(languageOf('xx', 'fr-FR,zh-TW;q=0.8,en;q=0.9')).toBe('en')
    expect(languageOf(null, 'zh-Hans-CN,en;q=0.5')).toBe('zh-CN')
    expect(languageOf(null, 'en;q=0, zh')).toBe('zh-CN')
    expect(languageOf(null, undefined)).toBe('en')
  })
})

describe('the page to go on to after signing in', () => {
  it.each([
    '//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/\t/evil.example', '\\\\evil.example', '', null, ['/a'], '/.//evil.example',
  ])('does not leave the site: %j', (next) => {
    expect(safePath(next, '/dashboard')).toBe('/dashboard')
  })

  it('keeps path, query and fragment', () => {
    expect(safePath('/logs?keyId=1#x', '/dashboard')).toBe('/logs?keyId=1#x')
  })
})

describe('short money', () => {
  it.each([
    [0, '$0.00'], [1_000, '$0.000001'], [4_523_000, '$0.005'], [45_600_000, '$0.046'], [120_000_000, '$0.12'], [999_999_999, '$1.00'], [12_345_678_901, '$12.35'], [1_999_999_999, '$2.00'],
    [12_345_670_000_000, '$12,345.67'], [1_234_567_000_000_000, '$1.23M'], [-1_500_000_000, '-$1.50'],
  ])('%i nano-USD is %s', (nano, text) => {
    expect(formatMoneyShort(nano, 'en')).toBe(text)
  })

  it('is large in each language\'s own steps', () => {
    expect(formatMoneyShort(1_234_567_000_000_000, 'zh-CN')).toBe('$123万')
  })
})

it.each([[112, 100, '+12%'], [95, 100, '-5%'], [100, 100, '0%'], [0, 100, '-100%'], [1200, 100, '×12'], [5, 0, null], [0, 0, null]])('from %i to %i is a change of %s', (now, before, text) => {
  expect(formatChange(now, before)).toBe(text)
})
