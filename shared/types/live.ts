import type { AccountLiveItem } from './insight'

/** What is going on: the data of the event `state`, and the answer to those who cannot be streamed to. */
export interface LiveState {
  /** The server's present, epoch-ms. */
  at: number
  /** Requests that run now: of the caller's keys, to admins of all. */
  running: number
  /** All accounts that the caller may see when `full`, else those that changed. */
  accounts: AccountLiveItem[]
  full: boolean
  /** Accounts that are gone. */
  gone: string[]
}

/** Data of the event `rows`: requests that were booked just now. */
export interface LiveRows {
  at: number
  /** Their ids, the newest last; not all of them when `more`. */
  ids: string[]
  more: boolean
}
