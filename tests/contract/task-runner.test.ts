import { eq, like } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { createLogger } from '#server/lib/logger'
import { createTaskRunner, type ScheduledWork } from '#server/lib/task-runner'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'
import { poll } from '../helpers/until'
import { gate } from '../helpers/upstream/paced'

const EVERY_MS = 60_000
const overlaps = { outcome: 'skipped', result: 'the last run is still going on' }
const done = { outcome: 'ok', result: 'done' }

// Every instance has the same schedule: each task must run once for all of them.
describe.each(testDialects)('scheduled tasks of two instances on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    const { leases, taskRuns } = test.store.tables
    for (const table of [leases, taskRuns]) await test.store.db.delete(table)
  })

  const work = (run: ScheduledWork['run'], name = 'task'): ScheduledWork => ({ name, everyMs: EVERY_MS, run })
  const quick = (name = 'task') => work(async () => 'done', name)
  const runner = (instanceId: string, works: ScheduledWork[], { lockMs = 60_000, leases = repos.leases } = {}) =>
    createTaskRunner({ works, leases, runs: repos.taskRuns, instanceId, logger: createLogger({ level: 'silent' }), lockMs })
  const runs = () => test.store.db.select().from(test.store.tables.taskRuns)
  const untilRunning = (count: number) => poll(async () => (await runs()).length === count || undefined, `${count} runs`)
  const endOfLock = async () => (await test.store.db.select().from(test.store.tables.leases).where(eq(test.store.tables.leases.name, 'task:task')))[0]?.expiresAt
  const loseLock = () => test.store.db.delete(test.store.tables.leases).where(like(test.store.tables.leases.name, 'task:%'))

  it('that fire at the same moment run once; the others say that they were skipped', async () => {
    const wait = gate()
    let started = 0
    const long = work(async () => {
      started++
      await wait.opened
      return 'done'
    })
    const [a, b] = [runner('a', [long]), runner('b', [long])]
    const fired = [a.run('task'), b.runIfDue('task'), a.runIfDue('task'), b.run('task')]
    const settled: unknown[] = []
    await new Promise<void>((resolve) => {
      for (const one of fired) {
        void one.then((outcome) => {
          if (settled.push(outcome) === fired.length - 1) resolve()
        })
      }
    })
    expect(settled).toEqual([overlaps, overlaps, overlaps])
    wait.open()
    expect(await Promise.all(fired)).toContainEqual(done)
    expect(started).toBe(1)
    expect(await runs()).toMatchObject([{ task: 'task', endedAt: expect.any(Number) as number, ...done }])
  })

  it('that fire a moment apart run once too; by hand they run again, anywhere', async () => {
    const [a, b] = ['a', 'b'].map(id => runner(id, [quick()]))
    expect(await a!.runIfDue('task')).toEqual(done)
    expect(await b!.runIfDue('task')).toEqual({ outcome: 'skipped', result: 'it has just run' })
    for (const instance of [b!, a!, b!]) expect(await instance.run('task')).toEqual(done)
    expect((await runs()).map(run => run.instanceId).sort()).toEqual(['a', 'a', 'b', 'b'])
    await test.store.db.update(test.store.tables.taskRuns).set({ startedAt: Date.now() - EVERY_MS })
    expect(await b!.runIfDue('task')).toEqual(done)
  })

  it('of a process that died are taken over when its lock has run out, and no sooner', async () => {
    await repos.leases.acquire('task:task', 'who died', 500)
    const living = runner('b', [quick()])
    const outcomes = new Set<string>()
    const taken = await poll(async () => {
      const end = await endOfLock()
      const { result } = await living.run('task')
      outcomes.add(result)
      return result === 'done' ? { end, now: await repos.changes.now() } : undefined
    }, 'the lock to run out')
    expect([...outcomes]).toEqual([overlaps.result, 'done'])
    expect(taken.now).toBeGreaterThanOrEqual(taken.end!)
  })

  it('keep their lock for as long as they run', async () => {
    const wait = gate()
    const lockMs = 600
    const long = runner('a', [work(async () => {
      await wait.opened
      return 'done'
    })], { lockMs }).run('task')
    await untilRunning(1)
    const first = await endOfLock()
    const other = runner('b', [quick()])
    await poll(async () => {
      expect(await other.run('task')).toEqual(overlaps)
      return await repos.changes.now() > first! + lockMs || undefined
    }, 'twice the time of the lock')
    wait.open()
    expect(await long).toEqual(done)
  })

  it('that lost their lock are told, say so, and do not take the next one\'s away', async () => {
    const [stopped, next] = [gate(), gate()]
    const first = runner('a', [work(async (signal) => {
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      await stopped.opened
      return 'half of it is done'
    })], { lockMs: 600 }).run('task')
    await untilRunning(1)
    await loseLock()
    const second = runner('b', [work(async () => {
      await next.opened
      return 'done'
    })]).run('task')
    await untilRunning(2)
    stopped.open()
    expect(await first).toEqual({ outcome: 'failed', result: 'its lock was lost while it ran: half of it is done' })
    expect(await runner('c', [quick()]).run('task')).toEqual(overlaps)
    next.open()
    expect(await second).toEqual(done)
  })

  it('whose lock cannot be prolonged for its whole time are told to end', async () => {
    const leases = { ...repos.leases, renew: () => Promise.reject(new Error('the database is away')) }
    const ended = await runner('a', [work(async (signal) => {
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      throw signal.reason as Error
    })], { lockMs: 300, leases }).run('task')
    expect(ended).toEqual({ outcome: 'failed', result: 'its lock could not be prolonged while it ran' })
  })

  it('of a process that is told to end end with it, are recorded, and leave their lock', async () => {
    const a = runner('a', [work(() => new Promise(() => {}))])
    const running = a.run('task')
    await untilRunning(1)
    await a.stop()
    expect(await running).toEqual({ outcome: 'failed', result: 'the process was told to end while it ran' })
    expect(await runs()).toMatchObject([{ outcome: 'failed', endedAt: expect.any(Number) as number }])
    expect(await a.run('task')).toMatchObject({ outcome: 'skipped' })
    expect(await runner('b', [quick()]).run('task')).toEqual(done)
  })

  it('leave nothing behind in a process that runs for long', async () => {
    const warned: string[] = []
    const warn = (warning: Error): void => void warned.push(warning.message)
    process.on('warning', warn)
    const a = runner('a', [quick()])
    for (let i = 0; i < 12; i++) await a.run('task')
    await new Promise(setImmediate)
    process.off('warning', warn)
    expect(warned).toEqual([])
  })

  it('that fail are recorded as failed and may run again', async () => {
    const failing = runner('a', [work(() => Promise.reject(new Error('the disk is full')))])
    expect(await failing.run('task')).toEqual({ outcome: 'failed', result: 'the disk is full' })
    expect(await failing.last('task')).toMatchObject({ outcome: 'failed', result: 'the disk is full', endedAt: expect.any(Number) as number })
    expect(await runner('b', [quick()]).run('task')).toEqual(done)
  })

  it('do not stand in each other\'s way', async () => {
    const wait = gate()
    const a = runner('a', [work(async () => {
      await wait.opened
      return 'done'
    }, 'one'), quick('two')])
    const one = a.run('one')
    expect(await a.run('two')).toEqual(done)
    wait.open()
    await one
    await expect(a.run('three')).rejects.toThrow('there is no task three')
  })

  it('that were missed while nobody was up are caught up, each once, and only those', async () => {
    const ran: string[] = []
    const noting = (name: string) => work(async () => {
      ran.push(name)
      return 'done'
    }, name)
    const [a, b] = ['a', 'b'].map(id => runner(id, [noting('one'), noting('two')]))
    await a!.catchUp()
    await b!.catchUp()
    expect(ran).toEqual(['one', 'two'])
    const { taskRuns } = test.store.tables
    await test.store.db.update(taskRuns).set({ startedAt: Date.now() - EVERY_MS }).where(eq(taskRuns.task, 'one'))
    await b!.catchUp()
    await a!.catchUp()
    expect(ran).toEqual(['one', 'two', 'one'])
  })

  it('whose catching up fails do not keep the later ones from it', async () => {
    const a = runner('a', [work(() => Promise.reject(new Error('no')), 'one'), quick('two')])
    await a.catchUp()
    expect(await a.last('two')).toMatchObject({ outcome: 'ok' })
  })
})
