import type { LeasesRepo } from '../db/repos/leases'
import type { TaskRunRow, TaskRunsRepo } from '../db/repos/task-runs'
import { newId } from './id'
import type { Logger } from './logger'

/** Scheduled work. */
export interface ScheduledWork {
  name: string
  /** How often it should run, milliseconds. */
  everyMs: number
  /** Gives a short account of what it did, for people. Ends soon after the signal: somebody else may be at it by then. */
  run(signal: AbortSignal): Promise<string>
}

export interface TaskOutcome { outcome: 'ok' | 'failed' | 'skipped', result: string }

/** Runs scheduled work once over all instances, and keeps a record of each run. */
export interface TaskRunner {
  readonly works: readonly ScheduledWork[]
  /** Runs it now, unless a run is still going on somewhere. Throws for an unknown name. */
  run(name: string): Promise<TaskOutcome>
  /** As {@link run}, unless another instance with the same schedule has just done it. */
  runIfDue(name: string): Promise<TaskOutcome>
  last(name: string): Promise<TaskRunRow | null>
  /** Runs what should have run while no instance was up. */
  catchUp(): Promise<void>
  /** Ends what runs here. */
  stop(): Promise<void>
}

export interface TaskRunnerDeps {
  works: readonly ScheduledWork[]
  leases: LeasesRepo
  runs: TaskRunsRepo
  instanceId: string
  logger: Logger
  /** How long the lock of a run outlives its process. */
  lockMs?: number
}

const skipped = (result: string): TaskOutcome => ({ outcome: 'skipped', result })
const reasonOf = (error: unknown): string => error instanceof Error ? error.message.slice(0, 500) : 'unknown error'

export function createTaskRunner({ works, leases, runs, instanceId, logger, lockMs = 60_000 }: TaskRunnerDeps): TaskRunner {
  const byName = new Map(works.map(work => [work.name, work]))
  const stopping = new AbortController()
  const running = new Set<Promise<unknown>>()

  /** Holds the lock of a run while it goes on; tells by `lost` when it could not be held. */
  function hold(lock: string, holder: string) {
    const lost = new AbortController()
    let heldAt = performance.now()
    async function renew(): Promise<void> {
      const now = performance.now()
      try {
        if (await leases.renew(lock, holder, lockMs)) heldAt = now
        else lost.abort(new Error('its lock was lost while it ran'))
      }
      catch (error) {
        logger.warn({ err: error, lock }, 'the lock of a scheduled task could not be prolonged and is tried again')
        if (now - heldAt >= lockMs) lost.abort(new Error('its lock could not be prolonged while it ran'))
      }
    }
    const timer = setInterval(() => void renew(), lockMs / 3).unref()
    return { lost: lost.signal, end: () => clearInterval(timer) }
  }

  async function record(work: ScheduledWork, lost: AbortSignal): Promise<TaskOutcome> {
    const id = newId()
    await runs.start({ id, task: work.name, instanceId })
    let ended: TaskOutcome
    try {
      const result = await untilStopped(work.run(AbortSignal.any([lost, stopping.signal])))
      ended = { outcome: lost.aborted ? 'failed' : 'ok', result: lost.aborted ? `${reasonOf(lost.reason)}: ${result}` : result }
    }
    catch (error) {
      if (!stopping.signal.aborted) logger.error({ err: error, task: work.name }, 'a scheduled task failed')
      ended = { outcome: 'failed', result: reasonOf(lost.aborted ? lost.reason : error) }
    }
    await runs.end(id, ended)
    return ended
  }

  /** The process does not wait for a run that does not heed its end. */
  async function untilStopped<T>(run: Promise<T>): Promise<T> {
    const { signal } = stopping
    let stop = (): void => {}
    try {
      return await Promise.race([run, new Promise<never>((_, reject) => {
        stop = () => reject(signal.reason as Error)
        signal.addEventListener('abort', stop)
      })])
    }
    finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async function locked(name: string, isDue: (work: ScheduledWork) => Promise<boolean>): Promise<TaskOutcome> {
    const work = byName.get(name)
    if (!work) throw new Error(`there is no task ${name}`)
    if (stopping.signal.aborted) return skipped('the process is ending')
    const lock = `task:${name}`
    // A holder per run: a run of this very instance that is still going on blocks the next one too.
    const holder = newId()
    if (!await leases.acquire(lock, holder, lockMs)) {
      logger.info({ task: name }, 'a scheduled task was skipped: its last run is still going on')
      return skipped('the last run is still going on')
    }
    const held = hold(lock, holder)
    try {
      return await isDue(work) ? await record(work, held.lost) : skipped('it has just run')
    }
    finally {
      held.end()
      await leases.release(lock, holder)
    }
  }

  async function tracked(run: Promise<TaskOutcome>): Promise<TaskOutcome> {
    running.add(run)
    try {
      return await run
    }
    finally {
      running.delete(run)
    }
  }

  return {
    works,
    run: name => tracked(locked(name, async () => true)),
    runIfDue: name => tracked(locked(name, async work => !await runs.ranWithin(name, work.everyMs / 2))),
    last: name => runs.last(name),
    async catchUp() {
      for (const { name } of works) await tracked(locked(name, async work => !await runs.ranWithin(name, work.everyMs)))
    },
    async stop() {
      stopping.abort(new Error('the process was told to end while it ran'))
      await Promise.allSettled(running)
    },
  }
}
