import { describe, expect, it } from 'vitest'
import { retentionStart } from '#server/stats/retention'
import { localDayOf, makeupOf } from '#server/stats/local-days'
import { addMonths } from '#shared/utils/period'

const HOUR = 3_600_000

describe('retention counts calendar months of the configured zone', () => {
  it.each([
    ['2026-05-31', -3, '2026-02-28'], ['2028-05-31', -3, '2028-02-29'], ['2026-03-31', -1, '2026-02-28'], ['2026-01-15', -1, '2025-12-15'],
    ['2026-01-31', -12, '2025-01-31'], ['2024-02-29', -12, '2023-02-28'], ['2026-12-31', 2, '2027-02-28'], ['2026-01-01', -25, '2023-12-01'],
  ])('%s %i months is %s', (date, months, expected) => {
    expect(addMonths(date, months)).toBe(expected)
  })

  it('from local midnight, whatever the hour and the summer time', () => {
    expect(retentionStart(Date.UTC(2026, 4, 31, 15, 59), 3, 'Asia/Shanghai')).toBe(Date.UTC(2026, 1, 27, 16))
    expect(retentionStart(Date.UTC(2026, 4, 31, 16), 3, 'Asia/Shanghai')).toBe(Date.UTC(2026, 1, 28, 16))
    expect(retentionStart(Date.UTC(2026, 10, 15, 12), 1, 'America/New_York')).toBe(Date.UTC(2026, 9, 15, 4))
    expect(retentionStart(Date.UTC(2026, 11, 15, 12), 1, 'America/New_York')).toBe(Date.UTC(2026, 10, 15, 5))
  })
})

describe('a local day is put together from UTC hours', () => {
  it.each(['Asia/Shanghai', 'UTC', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'])('without a gap or an overlap in %s, with rows and without', (zone) => {
    for (const keptFrom of [0, Number.MAX_SAFE_INTEGER, Date.UTC(2026, 9, 10)]) {
      const spans: [number, number][] = []
      for (let day = 1; day <= 30; day++) {
        const { hours, pieces } = makeupOf(localDayOf(`2026-10-${String(day).padStart(2, '0')}`, zone), keptFrom)
        const [first, second] = pieces
        if (first && first.to === hours.from) spans.push([first.from, first.to])
        spans.push([hours.from, hours.to])
        const last = second ?? (first?.from === hours.to ? first : undefined)
        if (last) spans.push([last.from, last.to])
      }
      expect(spans.every(([from, to], i) => from < to && (i === 0 || from === spans[i - 1]?.[1]))).toBe(true)
      expect(spans.at(-1)![1] - spans[0]![0]).toBeGreaterThan(29 * 24 * HOUR)
    }
  })
})
