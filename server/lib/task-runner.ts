import type { LeasesRepo } from '../db/repos/leases'
import type { TaskRunRow, TaskRunsRepo } from '../db/repos/task-runs'
import type { Clock } from './clock'
import { newId } from './id'
import type { Logger } from './logger'

/** Scheduled work. `run` gives a short account of what it did, for people. */
export interface ScheduledWork {
  name: string
  /** How often it should run, milliseconds. */
  everyMs: number
  /** How long its lock holds if the process dies while it runs. */
  lockMs: number
  run(): Promise<string>
}

export type TaskOutcome = { outcome: 'ok' | 'failed', result: string } | { outcome: 'skipped', result: string }

/** Runs scheduled work once over all instances, and keeps a record of each run. */
export interface TaskRunner {
  readonly names: readonly string[]
  run(name: string): Promise<TaskOutcome>
  last(name: string): Promise<TaskRunRow | null>
  /** Runs what should have run while no instance was up. */
  catchUp(): Promise<void>
}

export interface TaskRunnerDeps {
  works: readonly ScheduledWork[]
  leases: LeasesRepo
  runs: TaskRunsRepo
  instanceId: string
  clock: Clock
  logger: Logger
}

export function createTaskRunner({ works, leases, runs, instanceId, clock, logger }: TaskRunnerDeps): TaskRunner {
  const byName = new Map(works.map(work => [work.name, work]))

  async function record(work: ScheduledWork): Promise<TaskOutcome> {
    const id = newId()
    await runs.start({ id, task: work.name, instanceId, startedAt: clock.now() })
    let ended: TaskOutcome
    try {
      ended = { outcome: 'ok', result: await work.run() }
    }
    catch (error) {
      logger.error({ err: error, task: work.name }, 'a scheduled task failed')
      ended = { outcome: 'failed', result: error instanceof Error ? error.message.slice(0, 500) : 'unknown error' }
    }
    await runs.end(id, { endedAt: clock.now(), ...ended })
    return ended
  }

  async function run(name: string): Promise<TaskOutcome> {
    const work = byName.get(name)
    if (!work) throw new Error(`there is no task ${name}`)
    // A holder per run: a run of this very instance that is still going on blocks the next one too.
    const holder = newId()
    if (!await leases.acquire(`task:${name}`, holder, clock.now(), work.lockMs)) {
      logger.info({ task: name }, 'a scheduled task was skipped: its last run is still going on')
      return { outcome: 'skipped', result: 'the last run is still going on' }
    }
    try {
      return await record(work)
    }
    finally {
      await leases.release(`task:${name}`, holder)
    }
  }

  return {
    names: works.map(({ name }) => name),
    run,
    last: name => runs.last(name),
    async catchUp() {
      for (const { name, everyMs } of works) {
        const last = await runs.last(name)
        if (!last || clock.now() - last.startedAt >= everyMs) await run(name)
      }
    },
  }
}
