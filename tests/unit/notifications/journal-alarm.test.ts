import { beforeEach, describe, expect, test } from 'vitest'
import type { OwnedChannel } from '#server/db/repos/notification-channels'
import { createLogger } from '#server/lib/logger'
import { createJournalAlarm, type JournalAlarm } from '#server/notifications/journal-alarm'
import type { Facts } from '#server/notifications/facts'

const MINUTE = 60_000
const LIMIT = 1000
const channel = (id: string, role: 'admin' | 'user' = 'admin', events = ['journal_growing']): OwnedChannel => ({
  id, ownerId: `owner-${id}`, kind: 'webhook', name: id, config: '', shown: null, events: JSON.stringify(events), enabled: true,
  lastSuccessAt: null, lastErrorAt: null, lastErrorReason: null, lastError: null, createdAt: 0, updatedAt: 0, deletedAt: null, owner: { id: `owner-${id}`, role, locale: null },
})

let now: number
let bytes: number
let channels: OwnedChannel[]
let databaseAway: boolean
let refusing: Set<string>
let sent: { channel: string, event: string, messageId: string }[]
let alarm: JournalAlarm

beforeEach(() => {
  now = 1_700_000_000_000
  bytes = 0
  channels = [channel('one')]
  databaseAway = false
  refusing = new Set()
  sent = []
  alarm = createJournalAlarm({
    pendingBytes: () => bytes,
    channels: () => (databaseAway ? Promise.reject(new Error('the database is away')) : Promise.resolve(channels)),
    clock: { now: () => now }, logger: createLogger({ level: 'silent' }), thresholdBytes: LIMIT, host: 'host-1',
    sender: {
      send({ id }, messageId, facts: Facts) {
        sent.push({ channel: id, event: facts.event, messageId })
        return Promise.resolve({ ok: !refusing.has(id), reason: refusing.has(id) ? 'refused' as const : 'delivered' as const, status: null, message: '' })
      },
    },
  })
})

const look = async (given = bytes, ms = 30_000) => {
  bytes = given
  now += ms
  await alarm.look()
}
const events = () => sent.map(({ event }) => event)

describe('a journal that nobody books', () => {
  test('is told though the database is away, once, and once when it is booked', async () => {
    await look(10)
    databaseAway = true
    await look(LIMIT)
    await look(LIMIT + 1)
    for (let i = 0; i < 5; i++) await look(LIMIT + i)
    expect(events()).toEqual(['journal_growing'])
    await look(LIMIT / 2)
    expect(events()).toEqual(['journal_growing'])
    await look(LIMIT / 2 - 1)
    await look(0)
    expect(events()).toEqual(['journal_growing', 'journal_booked'])
  })

  test('for one look only is a burst', async () => {
    await look(LIMIT)
    await look(LIMIT - 1)
    await look(LIMIT)
    expect(events()).toEqual([])
  })

  test('that grows anew is told anew', async () => {
    for (const size of [LIMIT, LIMIT, 0, LIMIT, LIMIT]) await look(size)
    expect(events()).toEqual(['journal_growing', 'journal_booked', 'journal_growing'])
    expect(sent[0]!.messageId).not.toBe(sent[2]!.messageId)
  })

  test('is told to admins who want to know', async () => {
    channels = [channel('one'), channel('user', 'user'), channel('other', 'admin', ['task_failed'])]
    for (let i = 0; i < 3; i++) await look(LIMIT)
    expect(sent.map(each => each.channel)).toEqual(['one'])
  })

  test('is told again, at growing distances, to a channel that did not take it', async () => {
    channels = [channel('one'), channel('two')]
    refusing.add('two')
    await look(LIMIT)
    const begin = now + 1
    const attempts: number[] = []
    for (let i = 0; i < 20; i++) {
      const before = sent.length
      await look(LIMIT, i === 0 ? 1 : 30_000)
      if (sent.slice(before).some(each => each.channel === 'two')) attempts.push(Math.round((now - begin) / MINUTE))
    }
    expect(attempts).toEqual([0, 1, 3, 7])
    expect(sent.filter(each => each.channel === 'one')).toHaveLength(1)
    expect(new Set(sent.map(each => each.messageId)).size).toBe(1)
    refusing.clear()
    await look(LIMIT, 30 * MINUTE)
    await look(0)
    expect(sent.slice(-2).map(each => `${each.channel} ${each.event}`).sort()).toEqual(['one journal_booked', 'two journal_booked'])
  })

  test('that was told to nobody is not told to be booked', async () => {
    refusing.add('one')
    await look(LIMIT)
    await look(LIMIT)
    await look(0)
    expect(events()).toEqual(['journal_growing'])
  })
})
