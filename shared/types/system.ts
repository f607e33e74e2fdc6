/** Answer of GET /api/admin/system. Times are epoch-ms. */

export interface TaskView {
  name: string
  nextRunAt: number | null
  lastRun: {
    startedAt: number
    endedAt: number | null
    durationMs: number | null
    /** `lost`: the process died before the end. */
    outcome: 'ok' | 'failed' | 'skipped' | 'running' | 'lost'
    /** Short text for people. */
    result: string | null
    instanceId: string
  } | null
}

export interface InstanceView {
  id: string
  host: string
  pid: number
  version: string
  startedAt: number
  /** When it was last heard of. */
  heartbeatAt: number
  stoppedAt: number | null
  /** Is it the one that answers? */
  self: boolean
}

export interface SystemView {
  /** The server's present. */
  at: number
  version: string
  instanceId: string
  database: 'sqlite' | 'mysql'
  sharedState: 'memory' | 'redis'
  /** Bytes of this instance's journal that are not booked yet. */
  journalPendingBytes: number
  tasks: TaskView[]
  /** Latest sign of life first. */
  instances: InstanceView[]
}
