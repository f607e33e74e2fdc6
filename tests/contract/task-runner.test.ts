import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRepos, type Repos } from '#server/db/repos/index'
import { createLogger } from '#server/lib/logger'
import { createTaskRunner, type ScheduledWork } from '#server/lib/task-runner'
import { handClock } from '../helpers/pool'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'
import { gate } from '../helpers/upstream/paced'

const EVERY_MS = 60_000
const LOCK_MS = 300_000
const skipped = { outcome: 'skipped', result: 'the last run is still going on' }

// Every instance has the same schedule: each task must run once for all of them.
describe.each(testDialects)('scheduled tasks of two instances on %s', (dialect) => {
  let test: TestStore
  let repos: Repos
  let clock: ReturnType<typeof handClock>
  beforeAll(async () => {
    test = await openTestStore(dialect)
    repos = createRepos(test.store)
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    const { leases, taskRuns } = test.store.tables
    for (const table of [leases, taskRuns]) await test.store.db.delete(table)
    clock = handClock(1_000_000)
  })

  const work = (run: () => Promise<string>, name = 'task'): ScheduledWork => ({ name, everyMs: EVERY_MS, lockMs: LOCK_MS, run })
  const runner = (instanceId: string, ...works: ScheduledWork[]) =>
    createTaskRunner({ works, leases: repos.leases, runs: repos.taskRuns, instanceId, clock, logger: createLogger({ level: 'silent' }) })
  const runs = () => test.store.db.select().from(test.store.tables.taskRuns)

  it('that fire at the same moment run once; the others say that they were skipped', async () => {
    const wait = gate()
    let started = 0
    const long = work(async () => {
      started++
      await wait.opened
      return 'done'
    })
    const [a, b] = [runner('a', long), runner('b', long)]
    const fired = [a.run('task'), b.run('task'), a.run('task'), b.run('task')]
    const settled: unknown[] = []
    await new Promise<void>((resolve) => {
      for (const one of fired) {
        void one.then((outcome) => {
          if (settled.push(outcome) === fired.length - 1) resolve()
        })
      }
    })
    expect(settled).toEqual([skipped, skipped, skipped])
    wait.open()
    expect(await Promise.all(fired)).toContainEqual({ outcome: 'ok', result: 'done' })
    expect(started).toBe(1)
    expect(await runs()).toMatchObject([{ task: 'task', startedAt: 1_000_000, outcome: 'ok', result: 'done' }])
  })

  it('run again, anywhere, once the last run ended', async () => {
    const quick = work(async () => 'done')
    for (const instance of ['a', 'b', 'a']) expect(await runner(instance, quick).run('task')).toEqual({ outcome: 'ok', result: 'done' })
    expect((await runs()).map(run => run.instanceId).sort()).toEqual(['a', 'a', 'b'])
  })

  it('of a process that died are taken over when its lock has run out, and no sooner', async () => {
    const never = gate()
    const died = runner('a', work(async () => {
      await never.opened
      return 'too late'
    }))
    const running = died.run('task')
    const living = runner('b', work(async () => 'done'))
    await expect.poll(async () => (await runs()).length).toBe(1)
    clock.time += LOCK_MS - 1
    expect(await living.run('task')).toEqual(skipped)
    clock.time += 1
    expect(await living.run('task')).toEqual({ outcome: 'ok', result: 'done' })
    never.open()
    await running
  })

  it('that outlive their lock do not take the next one\'s away', async () => {
    const [slow, next] = [gate(), gate()]
    const first = runner('a', work(async () => {
      await slow.opened
      return 'slow'
    })).run('task')
    await expect.poll(async () => (await runs()).length).toBe(1)
    clock.time += LOCK_MS
    const second = runner('b', work(async () => {
      await next.opened
      return 'next'
    })).run('task')
    await expect.poll(async () => (await runs()).length).toBe(2)
    slow.open()
    expect(await first).toEqual({ outcome: 'ok', result: 'slow' })
    expect(await runner('c', work(async () => 'third')).run('task')).toEqual(skipped)
    next.open()
    await second
  })

  it('that fail are recorded as failed and may run again', async () => {
    const failing = runner('a', work(() => Promise.reject(new Error('the disk is full'))))
    expect(await failing.run('task')).toEqual({ outcome: 'failed', result: 'the disk is full' })
    expect(await failing.last('task')).toMatchObject({ outcome: 'failed', result: 'the disk is full', endedAt: 1_000_000 })
    expect(await runner('b', work(async () => 'done')).run('task')).toEqual({ outcome: 'ok', result: 'done' })
  })

  it('do not stand in each other\'s way', async () => {
    const wait = gate()
    const a = runner('a', work(async () => {
      await wait.opened
      return 'done'
    }, 'one'), work(async () => 'done', 'two'))
    const one = a.run('one')
    expect(await a.run('two')).toEqual({ outcome: 'ok', result: 'done' })
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
    const [a, b] = ['a', 'b'].map(id => runner(id, noting('one'), noting('two')))
    await a!.catchUp()
    await b!.catchUp()
    expect(ran).toEqual(['one', 'two'])
    clock.time += EVERY_MS - 1
    await b!.run('two')
    clock.time += 1
    await b!.catchUp()
    await a!.catchUp()
    expect(ran).toEqual(['one', 'two', 'two', 'one'])
  })

  it('whose catching up fails do not keep the later ones from it', async () => {
    const a = runner('a', work(() => Promise.reject(new Error('no')), 'one'), work(async () => 'done', 'two'))
    await a.catchUp()
    expect(await a.last('two')).toMatchObject({ outcome: 'ok' })
  })
})
