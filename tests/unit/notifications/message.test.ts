import { describe, expect, test } from 'vitest'
import en from '~/i18n/en.json'
import { facts, type Facts } from '#server/notifications/facts'
import { writeMessage } from '#server/notifications/message'

const at = Date.UTC(2026, 0, 5, 4, 0, 0)
const zone = { timeZone: 'Asia/Shanghai', publicUrl: null }
const write = (given: Facts, language: 'en' | 'zh-CN' = 'en') => writeMessage('id', given, { ...zone, language })
const limit = (given: object = {}): Facts => ({ event: 'limit_near', at, key: { id: 'k', name: 'laptop' }, limit: 'daily', usedNano: 8_123_000_000, capNano: 10_000_000_000, resetsAt: at + 12 * 3_600_000, ...given }) as Facts

const all: Facts[] = [
  limit(), limit({ event: 'limit_reached' }), limit({ limit: 'total', resetsAt: null }), limit({ event: 'limit_reached', limit: 'total', resetsAt: null }),
  { event: 'account_abnormal', at, account: { id: 'a', name: 'first' }, reason: 'unauthorized', evidence: '401' },
  { event: 'account_abnormal', at, account: { id: 'a', name: 'first' }, reason: null, evidence: null },
  { event: 'account_normal', at, account: { id: 'a', name: 'first' }, reason: null, evidence: null },
  { event: 'pool_unusable', at, group: { id: 'g', name: 'crew' }, accounts: 3, backAt: at + 60_000 }, { event: 'pool_unusable', at, group: null, accounts: 1, backAt: null },
  { event: 'pool_usable', at, group: null, accounts: 1, backAt: null },
  { event: 'journal_growing', at, bytes: 5_000_000, host: 'host-1' }, { event: 'journal_booked', at, bytes: 0, host: 'host-1' },
  { event: 'task_failed', at, task: 'logs:prune', result: 'why it failed' }, { event: 'test', at },
]

test('every kind of news is tried here, and is kept whole by the outbox', () => {
  const known = facts.options.flatMap(({ shape: { event } }) => ('options' in event ? event.options : [...event.values]))
  expect([...new Set(all.map(({ event }) => event))].sort()).toEqual([...known].sort())
  for (const each of all) expect(facts.parse(JSON.parse(JSON.stringify(each)))).toEqual(each)
})

describe.each(['en', 'zh-CN'] as const)('in %s', (language) => {
  test.each(all)('$event leaves no gap and no placeholder', (given) => {
    const { title, text } = write(given, language)
    expect(title.trim()).not.toBe('')
    expect(`${title}\n${text}`).not.toMatch(/[{}]|undefined|null|NaN|^\s*$/m)
    expect(/\p{Script=Han}/u.test(title)).toBe(language === 'zh-CN')
  })
})

test('a limit is told with what is used, the cap and when it starts anew', () => {
  const { title, text } = write(limit())
  expect(title).toBe('Key “laptop” has used 81 % of its daily limit')
  expect(text).toContain('$8.123')
  expect(text).toContain('$10.00')
  expect(text).toContain('2026-01-06 00:00:00 (Asia/Shanghai)')
})

test('what is not wholly used is never called 100 %', () => {
  expect(write(limit({ usedNano: 9_999_999_999 })).title).toContain('99 %')
})

test('a known reason is put into words, an unknown one stays', () => {
  const abnormal = (reason: string): Facts => ({ event: 'account_abnormal', at, account: { id: 'a', name: 'x' }, reason, evidence: null })
  expect(write(abnormal('unauthorized')).text).toContain(en.reasons.unauthorized)
  expect(write(abnormal('a_new_reason')).text).toContain('a_new_reason')
})

test('the way to the console is told when it is known', () => {
  expect(writeMessage('id', all[4]!, { language: 'en', timeZone: 'UTC', publicUrl: 'https://relay.example.com/' }).text).toMatch(/\nhttps:\/\/relay\.example\.com\/accounts$/)
})
