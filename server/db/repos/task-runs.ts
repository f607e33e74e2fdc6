import { desc, eq, lt } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type TaskRunRow = Schema['taskRuns']['$inferSelect']

/** When each scheduled task ran, where and how it went. Times are epoch-ms. */
export function createTaskRunsRepo(store: Store) {
  const { taskRuns } = store.tables
  const { db } = store

  return {
    async start(run: Pick<TaskRunRow, 'id' | 'task' | 'instanceId' | 'startedAt'>): Promise<void> {
      await db.insert(taskRuns).values(run)
    },
    /** `result` is short text or JSON for people, without secrets. */
    async end(id: string, end: { endedAt: number, outcome: 'ok' | 'failed' | 'skipped', result: string | null }): Promise<void> {
      await db.update(taskRuns).set(end).where(eq(taskRuns.id, id))
    },
    async last(task: string): Promise<TaskRunRow | null> {
      const rows = await db.select().from(taskRuns).where(eq(taskRuns.task, task)).orderBy(desc(taskRuns.startedAt), desc(taskRuns.id)).limit(1)
      return rows.at(0) ?? null
    },
    /** Removes runs that began before `before`; answers how many. */
    async prune(before: number): Promise<number> {
      return store.changes(await db.delete(taskRuns).where(lt(taskRuns.startedAt, before)))
    },
  }
}

export type TaskRunsRepo = ReturnType<typeof createTaskRunsRepo>
