import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ChangeRow, ChangesRepo } from '#server/db/repos/changes'
import { createMemoryKv } from '#server/kv/memory'
import { createChanges, type ChangeKind } from '#server/lib/changes'
import { systemClock } from '#server/lib/clock'
import { createLogger } from '#server/lib/logger'
import { createSync } from '#server/lib/sync'

const logger = createLogger({ level: 'silent' })

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** The notes of a database with a clock of its own; `reachable` false makes each look fail. */
function notes() {
  const rows: ChangeRow[] = []
  const state = { reachable: true, aheadMs: 0 }
  const now = () => Date.now() + state.aheadMs
  const reach = () => {
    if (!state.reachable) throw new Error('away')
  }
  const append = (kind: string, refId: string, at = now()): string => {
    const id = `n${rows.length}`
    rows.push({ id, at, kind, refId })
    return id
  }
  const repo: ChangesRepo = {
    append: async (kind, refId) => append(kind, refId),
    async now() {
      reach()
      return now()
    },
    async since(at) {
      reach()
      return rows.filter(row => row.at >= at)
    },
    async prune(ms) {
      reach()
      const old = rows.filter(row => row.at < now() - ms)
      for (const row of old) rows.splice(rows.indexOf(row), 1)
      return old.length
    },
  }
  return { repo, rows, state, append }
}

async function setUp() {
  const { repo, rows, state, append } = notes()
  const kv = createMemoryKv({ clock: systemClock })
  const instance = async (instanceId: string) => {
    const changes = createChanges()
    const heard: string[] = []
    const faults: Error[] = []
    for (const kind of ['key', 'account'] satisfies ChangeKind[]) {
      changes.on(kind, async (id) => {
        const fault = faults.shift()
        if (fault) throw fault
        heard.push(`${kind} ${id}`)
      })
    }
    changes.onGap(async () => void heard.push('everything'))
    const sync = createSync({ changes, repo, kv, instanceId, logger })
    await sync.start()
    return { changes, heard, faults, sync }
  }
  return { repo, rows, state, append, kv, here: await instance('here'), there: await instance('there') }
}

const looks = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000)

it('a change is taken in once by each instance, however it is heard of', async () => {
  const { here, there } = await setUp()
  await here.changes.emit('key', 'k1')
  await looks(0)
  expect(there.heard).toEqual(['key k1'])
  await looks(30)
  expect([here.heard, there.heard]).toEqual([['key k1'], ['key k1']])
})

it('a change whose message is lost is found by looking', async () => {
  const { kv, here, there } = await setUp()
  vi.spyOn(kv, 'publish').mockRejectedValue(new Error('away'))
  await here.changes.emit('account', 'a1')
  await looks(1)
  expect(there.heard).toEqual(['account a1'])
})

it.each(['message', 'look'])('a change that could not be taken in from a %s is tried again', async (way) => {
  const { kv, here, there } = await setUp()
  if (way === 'look') vi.spyOn(kv, 'publish').mockRejectedValue(new Error('away'))
  there.faults.push(new Error('the database is away'))
  await here.changes.emit('key', 'k1')
  await looks(3)
  expect(there.heard).toEqual(['key k1'])
})

it('what changed while the database was away for long is taken in afterwards', async () => {
  const { kv, append, state, there } = await setUp()
  vi.spyOn(kv, 'publish').mockRejectedValue(new Error('away'))
  state.reachable = false
  await looks(5)
  append('key', 'k1')
  await looks(120)
  state.reachable = true
  await looks(1)
  expect(there.heard).toEqual(['key k1'])
})

it('kinds that this version does not know are passed over', async () => {
  const { append, there } = await setUp()
  append('planet', 'p')
  append('key', 'k1')
  await looks(2)
  expect(there.heard).toEqual(['key k1'])
})

it('what changed while the database was away for longer than notes are kept: everything is read anew', async () => {
  const { kv, append, repo, state, there } = await setUp()
  vi.spyOn(kv, 'publish').mockRejectedValue(new Error('away'))
  state.reachable = false
  append('key', 'k1')
  await looks(2 * 3_600)
  state.reachable = true
  await repo.prune(3_600_000)
  await looks(1)
  expect(there.heard).toEqual(['everything'])
  await looks(5)
  expect(there.heard).toEqual(['everything'])
})

it.each([-600_000, 600_000])('a database whose clock is %i ms ahead of the instances loses nothing', async (aheadMs) => {
  const { repo, rows, state, append } = notes()
  state.aheadMs = aheadMs
  const changes = createChanges()
  const heard: string[] = []
  changes.on('key', id => void heard.push(id))
  await createSync({ changes, repo, kv: createMemoryKv({ clock: systemClock }), instanceId: 'i', logger }).start()
  const expected: string[] = []
  for (let i = 0; i < 60; i++) {
    expected.push(`k${i}`)
    append('key', `k${i}`)
    await looks(1)
  }
  expect([heard, rows.length]).toEqual([expected, 60])
})

it.each([-60_000, 60_000])('a failover to a database whose clock is %i ms off loses nothing and repeats nothing new', async (offMs) => {
  const { append, state, there } = await setUp()
  append('key', 'before')
  await looks(2)
  state.aheadMs = offMs
  append('key', 'after')
  await looks(40)
  append('key', 'later')
  await looks(40)
  expect(there.heard.filter(key => key !== 'key before')).toEqual(['key after', 'key later'])
})

it('a note that becomes visible some seconds late is taken in', async () => {
  const { append, there } = await setUp()
  const began = Date.now()
  await looks(12)
  append('key', 'slow', began)
  await looks(1)
  expect(there.heard).toEqual(['key slow'])
})

it('old notes are removed while the instances run, never before everybody had the time to see them', async () => {
  const { append, rows, there } = await setUp()
  append('key', 'k1')
  await looks(3_590)
  expect(rows).toHaveLength(1)
  await looks(1_200)
  expect([rows.length, there.heard]).toEqual([0, ['key k1']])
})
