/** Someone's place in a line. It stays theirs over several waits, until `leave`. */
export interface Turn {
  /** `free`: an account it can use has a place; `look`: perhaps one has; null: after `ms`, or when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<Woken | null>
  leave(): void
}

export type Woken = 'free' | 'look'

/** Requests that wait for a place, first come first served per line. A line is a pool's, or that of one account's own sessions. */
export interface WaitingQueue {
  /** `accounts`: ids of those that the one who waits could use now. */
  join(line: string, accounts: () => readonly string[]): Turn
  /** Wakes the first in line who could use the account; false when nobody could. */
  wake(line: string, accountId: string, how?: Woken): boolean
  /** Lets the first in line for each account look again, for what changed without a word. */
  nudge(): void
  /** Is someone in line for this account? */
  wanted(line: string, accountId: string): boolean
  /** Who waits now. */
  readonly length: number
}

interface Place {
  accounts(): readonly string[]
  /** Null while it is awake. */
  wake: ((how: Woken) => void) | null
}

export function createQueue(): WaitingQueue {
  const lines = new Map<string, Place[]>()
  let length = 0

  function wait(place: Place, ms: number, signal: AbortSignal): Promise<Woken | null> {
    if (signal.aborted || ms <= 0) return Promise.resolve(null)
    return new Promise((resolve) => {
      length++
      const end = (how: Woken | null): void => {
        place.wake = null
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        length--
        resolve(how)
      }
      const onAbort = (): void => end(null)
      const timer = setTimeout(end, ms, null)
      signal.addEventListener('abort', onAbort)
      place.wake = end
    })
  }

  return {
    join(name, accounts) {
      const line = lines.get(name) ?? []
      const place: Place = { accounts, wake: null }
      line.push(place)
      lines.set(name, line)
      return {
        wait: (ms, signal) => wait(place, ms, signal),
        leave() {
          const at = line.indexOf(place)
          if (at >= 0) line.splice(at, 1)
          if (line.length === 0 && lines.get(name) === line) lines.delete(name)
        },
      }
    },
    wake(name, accountId, how = 'free') {
      const next = lines.get(name)?.find(place => place.wake && place.accounts().includes(accountId))
      next?.wake?.(how)
      return next !== undefined
    },
    nudge() {
      for (const line of lines.values()) {
        const asked = new Set<string>()
        for (const place of line) {
          const accounts = place.accounts()
          if (accounts.some(id => !asked.has(id))) place.wake?.('look')
          for (const id of accounts) asked.add(id)
        }
      }
    },
    wanted: (name, accountId) => lines.get(name)?.some(place => place.accounts().includes(accountId)) ?? false,
    get length() {
      return length
    },
  }
}

/** Names the line of those whose session lives on the account. */
export const accountLine = (id: string): string => `account:${id}`

/** Names the line of a pool; null: the shared one. */
export const poolLine = (groupId: string | null): string => `pool:${groupId ?? ''}`

/** A place on the account is free: its own sessions come first. */
export function wakeNext(queue: WaitingQueue, account: { id: string, groupId: string | null }, how: Woken = 'free'): boolean {
  return queue.wake(accountLine(account.id), account.id, how) || queue.wake(poolLine(account.groupId), account.id, how)
}
