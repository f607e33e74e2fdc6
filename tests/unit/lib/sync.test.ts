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

/** The notes of a database; `reachable` false makes each look fail. */
function notes() {
  const rows: ChangeRow[] = []
  const state = { reachable: true }
  const repo: ChangesRepo = {
    async append(kind, refId, at) {
      const id = `n${rows.length}`
      rows.push({ id, at, kind, refId })
      return id
    },
    async since(at) {
      if (!state.reachable) throw new Error('away')
      return rows.filter(row => row.at >= at)
    },
    prune: async () => 0,
  }
  return { repo, rows, state }
}

async function setUp() {
  const { repo, rows, state } = notes()
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
    const sync = createSync({ changes, repo, kv, instanceId, clock: systemClock, logger })
    await sync.start()
    return { changes, heard, faults, sync }
  }
  return { repo, rows, state, kv, here: await instance('here'), there: await instance('there') }
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
  const { kv, rows, state, there } = await setUp()
  vi.spyOn(kv, 'publish').mockRejectedValue(new Error('away'))
  state.reachable = false
  await looks(5)
  rows.push({ id: 'early', at: Date.now(), kind: 'key', refId: 'k1' })
  await looks(120)
  state.reachable = true
  await looks(1)
  expect(there.heard).toEqual(['key k1'])
})

it('kinds that this version does not know are passed over', async () => {
  const { rows, there } = await setUp()
  rows.push({ id: 'new', at: Date.now(), kind: 'planet', refId: 'p' }, { id: 'old', at: Date.now(), kind: 'key', refId: 'k1' })
  await looks(2)
  expect(there.heard).toEqual(['key k1'])
})
