import { and, count, desc, eq, gte, isNotNull, lt, lte, sql } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type TaskRunRow = Schema['taskRuns']['$inferSelect']

/** When each scheduled task ran, where and how it went. Times are epoch-ms of the database's clock. */
export function createTaskRunsRepo(store: Store) {
  const { taskRuns } = store.tables
  const { db } = store
  const ago = (ms: number) => sql<number>`${store.now} - ${ms}`

  return {
    async start(run: Pick<TaskRunRow, 'id' | 'task' | 'instanceId'>): Promise<void> {
      await db.insert(taskRuns).values({ ...run, startedAt: store.now })
    },
    /** `result` is short text or JSON for people, without secrets. */
    async end(id: string, end: { outcome: 'ok' | 'failed' | 'skipped', result: string | null }): Promise<void> {
      await db.update(taskRuns).set({ ...end, endedAt: store.now }).where(eq(taskRuns.id, id))
    },
    async last(task: string): Promise<TaskRunRow | null> {
      const rows = await db.select().from(taskRuns).where(eq(taskRuns.task, task)).orderBy(desc(taskRuns.startedAt), desc(taskRuns.id)).limit(1)
      return rows.at(0) ?? null
    },
    /** The newest run that has ended. */
    async lastEnded(task: string): Promise<TaskRunRow | null> {
      const ended = and(eq(taskRuns.task, task), isNotNull(taskRuns.endedAt))
      return (await db.select().from(taskRuns).where(ended).orderBy(desc(taskRuns.startedAt), desc(taskRuns.id)).limit(1)).at(0) ?? null
    },
    /** Has a run of the task begun within the last `ms`? */
    async ranWithin(task: string, ms: number): Promise<boolean> {
      const recent = and(eq(taskRuns.task, task), gte(taskRuns.startedAt, ago(ms)), lte(taskRuns.startedAt, store.now))
      const [row] = await db.select({ runs: count() }).from(taskRuns).where(recent)
      return row!.runs > 0
    },
    /** Removes runs that began more than `ms` ago; answers how many. */
    async prune(ms: number): Promise<number> {
      return store.changes(await db.delete(taskRuns).where(lt(taskRuns.startedAt, ago(ms))))
    },
  }
}

export type TaskRunsRepo = ReturnType<typeof createTaskRunsRepo>
