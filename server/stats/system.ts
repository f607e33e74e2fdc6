import { Cron } from 'croner'
import type { InstanceView, SystemView, TaskView } from '#shared/types/system'
import type { Journal } from '../billing/journal'
import type { InstanceRow } from '../db/repos/instances'
import type { Repos } from '../db/repos/index'
import type { TaskRunRow } from '../db/repos/task-runs'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { ScheduledWork, TaskRunner } from '../lib/task-runner'
import { requireAdmin, type Actor } from '../users/actor'

export interface SystemDeps {
  repos: Pick<Repos, 'instances'>
  tasks: Pick<TaskRunner, 'works' | 'last'>
  /** The processes that live. */
  living(): Promise<InstanceRow[]>
  /** Cron by task. */
  schedule: Readonly<Record<string, string>>
  journal: Pick<Journal, 'pendingBytes'>
  kv: Pick<Kv, 'kind'>
  database: SystemView['database']
  instanceId: string
  version: string
  timeZone: string
  clock: Clock
}

/** How the installation runs itself, as admins may see it. */
export function createSystemView({ repos, tasks, living, schedule, journal, kv, database, instanceId, version, timeZone, clock }: SystemDeps) {
  const nextRun = (name: string, now: number): number | null => {
    const cron = schedule[name]
    return cron === undefined ? null : new Cron(cron, { timezone: timeZone }).nextRun(new Date(now))?.getTime() ?? null
  }

  async function taskView({ name }: ScheduledWork, alive: ReadonlySet<string>, now: number): Promise<TaskView> {
    const run = await tasks.last(name)
    return { name, nextRunAt: nextRun(name, now), lastRun: run && runView(run, alive) }
  }

  return async function view(actor: Actor): Promise<SystemView> {
    requireAdmin(actor)
    const now = clock.now()
    const alive = new Set((await living()).map(({ id }) => id))
    const [taskViews, instances] = await Promise.all([
      Promise.all(tasks.works.map(work => taskView(work, alive, now))),
      repos.instances.all(),
    ])
    return {
      at: now, version, instanceId, database, sharedState: kv.kind,
      journalPendingBytes: journal.pendingBytes(),
      tasks: taskViews,
      instances: instances.sort((a, b) => b.heartbeatAt - a.heartbeatAt).map(row => instanceView(row, instanceId)),
    }
  }
}

/** A run without an end goes on, or its process died. */
function runView({ startedAt, endedAt, outcome, result, instanceId }: TaskRunRow, alive: ReadonlySet<string>): TaskView['lastRun'] {
  return {
    startedAt, endedAt, result, instanceId,
    durationMs: endedAt === null ? null : endedAt - startedAt,
    outcome: outcome === 'ok' || outcome === 'failed' || outcome === 'skipped' ? outcome : alive.has(instanceId) ? 'running' : 'lost',
  }
}

const instanceView = ({ id, host, pid, version, startedAt, heartbeatAt, stoppedAt }: InstanceRow, own: string): InstanceView =>
  ({ id, host, pid, version, startedAt, heartbeatAt, stoppedAt, self: id === own })
