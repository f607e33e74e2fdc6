import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LiveRows, LiveState } from '#shared/types/live'
import type { WatchedAccount } from '#server/live/account-watch'
import { createLiveFeed, type LiveFeed } from '#server/live/feed'
import { createLogger } from '#server/lib/logger'
import type { Sink } from '#server/live/stream'

interface Told { event: string, data: LiveState & LiveRows }

/** A connection whose reader takes what it is given, or nothing while `blocked`. */
class Reader implements Sink {
  blocked = false
  closed = false
  texts: string[] = []
  #drain: (() => void)[] = []
  #close: (() => void)[] = []
  write(text: string): boolean {
    this.texts.push(text)
    return !this.blocked
  }

  onDrain(listener: () => void) { this.#drain.push(listener) }
  onClose(listener: () => void) { this.#close.push(listener) }
  close(): void {
    this.closed = true
    for (const listener of this.#close) listener()
  }

  drain(): void {
    this.blocked = false
    for (const listener of this.#drain) listener()
  }

  /** What came since the last call. */
  told(event?: string): Told[] {
    const all = this.texts.splice(0).flatMap((text) => {
      const [, name, json] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? []
      return name ? [{ event: name, data: JSON.parse(json!) as Told['data'] }] : []
    })
    return event ? all.filter(told => told.event === event) : all
  }
}

const accountOf = (id: string, ownerId: string, inFlight = 0): WatchedAccount => ({
  ownerId,
  item: { id, enabled: true, inFlight, weightShare: 1, lastUsedAt: null, state: { name: 'normal', reason: null, evidence: null, since: 0, until: null, nextProbe: null, modelLimits: {} } },
})

let accounts: WatchedAccount[]
let changes: { changed: WatchedAccount[], gone: string[] }
let running: Record<string, number>
let endings = 0
let feed: LiveFeed

beforeEach(() => {
  vi.useFakeTimers()
  accounts = [accountOf('a1', 'ann'), accountOf('b1', 'ben')]
  changes = { changed: [], gone: [] }
  running = { ann: 1, ben: 2 }
  feed = createLiveFeed({
    accounts: {
      all: () => accounts,
      changes: () => {
        const now = changes
        changes = { changed: [], gone: [] }
        return now
      },
      readUse: async () => {},
    },
    running: id => (id === undefined ? 3 : running[id] ?? 0), endings: () => endings, clock: { now: () => Date.now() }, logger: createLogger({ level: 'silent' }),
  })
})
afterEach(() => {
  feed.stop()
  vi.useRealTimers()
})

function open(id: string, role: 'admin' | 'user' = 'user', given: { sessionId?: string, isValid?: () => Promise<boolean> } = {}): Reader {
  const reader = new Reader()
  feed.open({ actor: { id, role }, sessionId: `${id}'s`, isValid: async () => true, ...given }, () => reader)
  return reader
}
const second = () => vi.advanceTimersByTimeAsync(1_000)

describe('what is told', () => {
  test('is one\'s own from the first word, an admin\'s is all', async () => {
    const [ann, root] = [open('ann'), open('root', 'admin')]
    expect(ann.told()).toMatchObject([{ event: 'state', data: { full: true, running: 1, accounts: [{ id: 'a1' }] } }])
    expect(root.told()).toMatchObject([{ event: 'state', data: { full: true, running: 3, accounts: [{ id: 'a1' }, { id: 'b1' }] } }])
    changes.changed = [accountOf('b1', 'ben', 5)]
    await second()
    expect(ann.told()).toEqual([])
    expect(root.told()).toMatchObject([{ data: { full: false, accounts: [{ id: 'b1', inFlight: 5 }] } }])
    feed.rows([{ id: 'r1', userId: 'ben' }, { id: 'r2', userId: 'ann' }, { id: 'r3', userId: null }])
    expect(ann.told()).toMatchObject([{ event: 'rows', data: { ids: ['r2'], more: false } }])
    expect(root.told()).toMatchObject([{ event: 'rows', data: { ids: ['r1', 'r2', 'r3'] } }])
  })

  test('that an account is gone, to those who knew of it only', async () => {
    const [ann, ben] = [open('ann'), open('ben')]
    ann.told()
    ben.told()
    changes.gone = ['b1']
    await second()
    expect(ann.told()).toEqual([])
    expect(ben.told()).toMatchObject([{ data: { gone: ['b1'], accounts: [] } }])
  })

  test('is nothing while nothing changes, but a sign of life', async () => {
    const ann = open('ann')
    ann.told()
    for (let n = 0; n < 9; n++) await second()
    expect(ann.told()).toEqual([])
    await second()
    expect(ann.told().map(({ event }) => event)).toEqual(['ping'])
    running.ann = 4
    await second()
    expect(ann.told()).toMatchObject([{ data: { running: 4, accounts: [] } }])
  })

  test('names fifty rows of a flood, and says that there are more', () => {
    const ann = open('ann')
    feed.rows(Array.from({ length: 120 }, (_, n) => ({ id: `r${n}`, userId: 'ann' })))
    const [rows] = ann.told('rows')
    expect(rows!.data.ids).toHaveLength(50)
    expect(rows!.data).toMatchObject({ more: true })
  })
})

describe('a reader that is behind', () => {
  test('is written nothing more, and told everything once it can read again', async () => {
    const ann = open('ann')
    ann.blocked = true
    ann.told()
    feed.rows([{ id: 'r0', userId: 'ann' }])
    ann.texts = []
    for (let n = 0; n < 1_000; n++) feed.rows([{ id: `r${n}`, userId: 'ann' }])
    await second()
    expect(ann.texts).toEqual([])
    ann.drain()
    expect(ann.told()).toMatchObject([{ event: 'state', data: { full: true } }, { event: 'rows', data: { ids: [], more: true } }])
  })

  test('is let go after half a minute', async () => {
    const ann = open('ann')
    ann.blocked = true
    feed.rows([{ id: 'r0', userId: 'ann' }])
    await vi.advanceTimersByTimeAsync(45_000)
    expect(ann.closed).toBe(true)
  })
})

describe('who may read', () => {
  test('is asked again at once when sessions ended, and now and then anyway', async () => {
    let valid = true
    const ann = open('ann', 'user', { isValid: async () => valid })
    const ben = open('ben')
    await second()
    valid = false
    endings++
    await second()
    expect([ann.closed, ben.closed]).toEqual([true, false])
    const again = open('ann', 'user', { isValid: async () => valid })
    await vi.advanceTimersByTimeAsync(11_000)
    expect(again.closed).toBe(true)
  })

  test('a session that cannot be checked is not read for', async () => {
    const ann = open('ann', 'user', { isValid: () => Promise.reject(new Error('the database is away')) })
    endings++
    await second()
    expect(ann.closed).toBe(true)
  })

  test('has few streams at a time, by session and by user; one that ended makes room', () => {
    const first = open('ann')
    for (let n = 1; n < 6; n++) open('ann')
    expect(() => open('ann')).toThrow(/Too many live streams/)
    first.close()
    open('ann')
    for (let n = 0; n < 14; n++) open('ann', 'user', { sessionId: `other ${n >> 2}` })
    expect(() => open('ann', 'user', { sessionId: 'another one' })).toThrow(/Too many live streams/)
    open('ben')
  })

  test('is nobody once the process ends', () => {
    const ann = open('ann')
    feed.stop()
    expect(ann.closed).toBe(true)
    expect(() => open('ann')).toThrow(/Too many/)
  })
})
