import { describe, expect, it } from 'vitest'
import { addDays, endOfPeriod, firstDate, localDate, startOfDate, spansOf, startOfDay, startOfHour, startOfMonth, startOfPeriod, startOfWeek, type Period } from '#shared/utils/period'
import { fc, runs } from '../../../helpers/property'

const at = (iso: string): number => Date.parse(iso)
const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Asia/Shanghai', 'Africa/Cairo', 'America/Sao_Paulo', 'America/Havana', 'Atlantic/Azores', 'Pacific/Apia', 'Australia/Lord_Howe', 'Pacific/Kiritimati', 'Asia/Beirut']
const instant = fc.integer({ min: at('2005-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') })

describe('periods', () => {
  it('hold the instant they were asked for, and end where the next begins', () => {
    fc.assert(fc.property(instant, fc.constantFrom(...zones), fc.constantFrom<Period>('day', 'week', 'month'), (now, zone, period) => {
      const start = startOfPeriod(period, now, zone)
      const end = endOfPeriod(period, now, zone)
      expect(start).toBeLessThanOrEqual(now)
      expect(end).toBeGreaterThan(now)
      expect(localDate(start - 1, zone) < localDate(start, zone)).toBe(true)
      expect(startOfPeriod(period, end, zone)).toBe(end)
      expect(startOfPeriod(period, end - 1, zone)).toBe(start)
    }), runs(1500))
  })

  it('local date agrees with an independent formatter', () => {
    fc.assert(fc.property(instant, fc.constantFrom(...zones), (now, zone) => {
      expect(localDate(now, zone)).toBe(new Date(now).toLocaleDateString('sv-SE', { timeZone: zone }))
    }))
  })

  it('days of a clock change in New York last 23 and 25 hours', () => {
    const zone = 'America/New_York'
    expect(startOfDay(at('2026-03-08T20:00:00Z'), zone)).toBe(at('2026-03-08T05:00:00Z'))
    expect(endOfPeriod('day', at('2026-03-08T20:00:00Z'), zone)).toBe(at('2026-03-09T04:00:00Z'))
    expect(startOfDay(at('2026-11-01T06:30:00Z'), zone)).toBe(at('2026-11-01T04:00:00Z'))
    expect(endOfPeriod('day', at('2026-11-01T06:30:00Z'), zone)).toBe(at('2026-11-02T05:00:00Z'))
  })

  it('a zone half an hour off', () => {
    expect(localDate(at('2026-11-22T18:29:59.999Z'), 'Asia/Kolkata')).toBe('2026-11-22')
    expect(localDate(at('2026-11-22T18:30:00Z'), 'Asia/Kolkata')).toBe('2026-11-23')
    expect(startOfDay(at('2026-11-22T18:30:00Z'), 'Asia/Kolkata')).toBe(at('2026-11-22T18:30:00Z'))
  })

  it('a day without a midnight begins at one o’clock', () => {
    expect(startOfDate('2024-04-26', 'Africa/Cairo')).toBe(at('2024-04-25T22:00:00Z'))
  })

  it('a day the zone skipped begins with the one after it', () => {
    expect(startOfDate('2011-12-30', 'Pacific/Apia')).toBe(startOfDate('2011-12-31', 'Pacific/Apia'))
  })

  it('weeks begin on Monday, over month and year ends', () => {
    expect(startOfWeek(at('2026-11-23T00:00:00Z'), 'UTC')).toBe(at('2026-11-23T00:00:00Z'))
    expect(startOfWeek(at('2026-11-22T23:59:59Z'), 'UTC')).toBe(at('2026-11-16T00:00:00Z'))
    expect(firstDate('week', '2027-01-03')).toBe('2026-12-28')
    expect(startOfWeek(at('2026-03-09T03:00:00Z'), 'America/New_York')).toBe(at('2026-03-02T05:00:00Z'))
  })

  it('months, February included', () => {
    expect(startOfMonth(at('2028-02-29T12:00:00Z'), 'UTC')).toBe(at('2028-02-01T00:00:00Z'))
    expect(endOfPeriod('month', at('2028-02-29T12:00:00Z'), 'UTC')).toBe(at('2028-03-01T00:00:00Z'))
    expect(endOfPeriod('month', at('2026-12-31T23:00:00Z'), 'Asia/Kolkata')).toBe(at('2027-01-31T18:30:00Z'))
    expect(addDays('2028-02-28', 2)).toBe('2028-03-01')
  })

  it.each([
    ['Asia/Shanghai', '2026-11-29T15:59:59.999Z', { day: '2026-11-29', week: '2026-11-23', month: '2026-11-01' }, '2026-11-29T16:00:00Z', { day: '2026-11-30', week: '2026-11-30', month: '2026-11-01' }],
    ['Asia/Shanghai', '2026-12-31T15:59:59.999Z', { day: '2026-12-31', week: '2026-12-28', month: '2026-12-01' }, '2026-12-31T16:00:00Z', { day: '2027-01-01', week: '2026-12-28', month: '2027-01-01' }],
    ['Asia/Kolkata', '2026-11-30T18:29:59.999Z', { day: '2026-11-30', week: '2026-11-30', month: '2026-11-01' }, '2026-11-30T18:30:00Z', { day: '2026-12-01', week: '2026-11-30', month: '2026-12-01' }],
    ['America/New_York', '2026-03-08T04:59:59.999Z', { day: '2026-03-07', week: '2026-03-02', month: '2026-03-01' }, '2026-03-08T05:00:00Z', { day: '2026-03-08', week: '2026-03-02', month: '2026-03-01' }],
    ['America/New_York', '2026-03-09T03:59:59.999Z', { day: '2026-03-08', week: '2026-03-02', month: '2026-03-01' }, '2026-03-09T04:00:00Z', { day: '2026-03-09', week: '2026-03-09', month: '2026-03-01' }],
    ['America/New_York', '2026-11-01T03:59:59.999Z', { day: '2026-10-31', week: '2026-10-26', month: '2026-10-01' }, '2026-11-01T04:00:00Z', { day: '2026-11-01', week: '2026-10-26', month: '2026-11-01' }],
    ['America/New_York', '2026-11-02T04:59:59.999Z', { day: '2026-11-01', week: '2026-10-26', month: '2026-11-01' }, '2026-11-02T05:00:00Z', { day: '2026-11-02', week: '2026-11-02', month: '2026-11-01' }],
  ])('the day, week and month of %s change between %s and a millisecond later', (zone, last, before, first, after) => {
    expect(spansOf(at(last), zone)).toEqual(before)
    expect(spansOf(at(first), zone)).toEqual(after)
  })

  it('hours are those of UTC', () => {
    expect(startOfHour(at('2026-11-22T18:59:59.999Z'))).toBe(at('2026-11-22T18:00:00Z'))
    expect(startOfHour(-1)).toBe(-3_600_000)
  })
})
