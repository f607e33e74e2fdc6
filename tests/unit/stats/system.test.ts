import { beforeEach, expect, it } from 'vitest'
import type { TaskRunRow } from '#server/db/repos/task-runs'
import type { ScheduledWork } from '#server/lib/task-runner'
import { createSystemView, type SystemDeps } from '#server/stats/system'
import type { Actor } from '#server/users/actor'
import { schedule } from '#server/schedule'
import { scheduledWorks, type WorksDeps } from '#server/works'
import { handClock } from '../../helpers/pool'

const NOON = Date.UTC(2026, 0, 5, 12, 0, 30)
const admin: Actor = { id: 'u', username: 'admin', role: 'admin', sharedPool: true, ip: null }
const clock = handClock()
const works: ScheduledWork[] = ['often', 'nightly', 'by hand'].map(name => ({ name, everyMs: 1, run: async () => '' }))
let runs: Record<string, Partial<TaskRunRow>>

beforeEach(() => {
  clock.time = NOON
  runs = {}
})

const instances = [
  { id: 'a', host: 'h', pid: 1, version: '1', startedAt: 1, heartbeatAt: 5, stoppedAt: 6 },
  { id: 'b', host: 'h', pid: 2, version: '1', startedAt: 2, heartbeatAt: 9, stoppedAt: null },
]
const view = (over: Partial<SystemDeps> = {}) => createSystemView({
  repos: { instances: { all: async () => [...instances] } } as unknown as SystemDeps['repos'],
  tasks: { works, last: async name => (runs[name] ? { id: 'r', task: name, instanceId: 'b', startedAt: NOON - 1000, endedAt: null, outcome: null, result: null, ...runs[name] } : null) },
  living: async () => instances.filter(({ stoppedAt }) => stoppedAt === null),
  schedule: { often: '*/5 * * * *', nightly: '17 3 * * *' },
  journal: { pendingBytes: () => 42 }, kv: { kind: 'memory' }, database: 'sqlite', instanceId: 'b', version: '1.2.3', timeZone: 'Asia/Shanghai', clock, ...over,
})

it('is for admins', async () => {
  await expect(view()({ ...admin, role: 'user' })).rejects.toMatchObject({ code: 'forbidden' })
})

it('tells when each task runs next, on the clock of the zone', async () => {
  const { tasks } = await view()(admin)
  expect(tasks.map(({ name, nextRunAt }) => [name, nextRunAt])).toEqual([['often', Date.UTC(2026, 0, 5, 12, 5)], ['nightly', Date.UTC(2026, 0, 5, 19, 17)], ['by hand', null]])
})

it('tells a run that goes on from one whose process died', async () => {
  runs = { 'often': { startedAt: NOON - 59_000 }, 'nightly': { startedAt: NOON - 59_000, instanceId: 'a' }, 'by hand': { startedAt: NOON - 5000, endedAt: NOON - 2000, outcome: 'failed', result: 'the disk is full' } }
  const { tasks } = await view()(admin)
  expect(tasks.map(({ lastRun }) => [lastRun?.outcome, lastRun?.durationMs, lastRun?.result])).toEqual([['running', null, null], ['lost', null, null], ['failed', 3000, 'the disk is full']])
})

it('tells version, journal and instances', async () => {
  expect(await view()(admin)).toMatchObject({ at: NOON, version: '1.2.3', journalPendingBytes: 42, database: 'sqlite', sharedState: 'memory', instances: [{ id: 'b', self: true }, { id: 'a', self: false }] })
})

it('every piece of scheduled work has its time, and no time is without work', () => {
  expect(Object.keys(schedule).sort()).toEqual(scheduledWorks({} as WorksDeps).map(({ name }) => name).sort())
})
