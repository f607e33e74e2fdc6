import type { TaskRunsRepo } from '../../db/repos/task-runs'
import { redactText } from '../../lib/redact'
import type { Standings } from './look'

/** Scheduled work whose last run failed. A good run ends it without a word. */
export async function lookAtTasks(taskRuns: Pick<TaskRunsRepo, 'lastEnded'>, names: readonly string[]): Promise<Standings> {
  const standings: Standings = new Map()
  for (const task of names) {
    const run = await taskRuns.lastEnded(task)
    if (run?.outcome !== 'failed') continue
    const subject = `task:${task}`
    const facts = { event: 'task_failed' as const, at: run.startedAt, task, result: redactText(run.result ?? '') }
    standings.set(subject, { state: 'wrong', occasion: { event: 'task_failed', subject, audience: 'admins', facts } })
  }
  return standings
}
