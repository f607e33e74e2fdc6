import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { createInstances } from '#server/lib/instances'
import { createLogger } from '#server/lib/logger'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

// Operators must see which processes really live, whatever became of the others.
describe.each(testDialects)('the processes of an installation on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test.drop())
  beforeEach(() => test.store.db.delete(test.store.tables.instances))

  const process = (id: string) => createInstances({ repo: repos.instances, self: { id, host: 'host', pid: 7, version: '1.2.3', startedAt: 1_000 }, logger: createLogger({ level: 'silent' }) })
  const silentFor = async (id: string, ms: number) => {
    const { instances } = test.store.tables
    await test.store.db.update(instances).set({ heartbeatAt: Date.now() - ms }).where(eq(instances.id, id))
  }
  const ids = async (of: ReturnType<typeof process>) => (await of.living()).map(({ id }) => id)

  it('are those that were heard of lately and have not ended', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map(process)
    for (const one of [a!, b!, c!]) await one.start()
    expect(await a!.living()).toMatchObject(['a', 'b', 'c'].map(id => ({ id, host: 'host', pid: 7, version: '1.2.3', startedAt: 1_000, stoppedAt: null })))
    await b!.stop()
    expect(await ids(a!)).toEqual(['a', 'c'])
    await silentFor('c', 31_000)
    expect(await ids(a!)).toEqual(['a'])
    expect((await repos.instances.get('b'))!.stoppedAt).toBeGreaterThan(1_000)
    for (const one of [a!, c!]) await one.stop()
  })

  it('are forgotten after a week of silence', async () => {
    const a = process('a')
    await a.start()
    for (const [id, days] of [['old', 8], ['crashed', 6]] as const) {
      await repos.instances.register({ id, host: 'h', pid: 1, version: '1', startedAt: 1 })
      await silentFor(id, days * 86_400_000)
    }
    expect(await a.prune()).toBe(1)
    expect((await repos.instances.all()).map(({ id }) => id).sort()).toEqual(['a', 'crashed'])
    await a.stop()
  })
})

it('a process goes on telling that it lives, also after its row was lost or the database was away', async () => {
  vi.useFakeTimers()
  try {
    const calls: string[] = []
    const answers: (boolean | Error)[] = [true, new Error('away'), false, true]
    const repo = {
      register: async () => void calls.push('register'),
      async heartbeat() {
        calls.push('heartbeat')
        const answer = answers.shift()!
        if (answer instanceof Error) throw answer
        return answer
      },
      stop: () => Promise.reject(new Error('away')),
    } as unknown as Repos['instances']
    const one = createInstances({ repo, self: { id: 'a', host: 'h', pid: 1, version: '1', startedAt: 1 }, logger: createLogger({ level: 'silent' }) })
    await one.start()
    await vi.advanceTimersByTimeAsync(40_000)
    await one.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(calls).toEqual(['register', 'heartbeat', 'heartbeat', 'heartbeat', 'register', 'heartbeat'])
  }
  finally {
    vi.useRealTimers()
  }
})
