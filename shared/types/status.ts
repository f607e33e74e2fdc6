/** `degraded`: it works, but less than half of what could serve it does. */
export type ServiceState = 'up' | 'degraded' | 'down'

/** What every visitor may know of the relay's health: nothing of accounts, keys or how much is used. */
export interface StatusView {
  /** When it was looked at, epoch-ms; kept for some seconds. */
  at: number
  state: ServiceState
  /** Models that were used within 24 hours, the most used first; without any use those that could be. */
  models: { model: string, state: ServiceState }[]
  /** Times to the first byte of the newest answers of the last 24 hours; null without any. */
  firstByte: { p50Ms: number, p95Ms: number } | null
  /** Part of the requests of the last 24 hours that failed, 0 to 1; null without any. */
  errorRate: number | null
  /** The same by hour, the oldest first; `at` is its start. */
  hours: { at: number, errorRate: number | null }[]
}
