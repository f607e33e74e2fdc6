import type { Clock } from '../lib/clock'

/** Something with time limits; looks at the time when told to. */
export interface Watched {
  check(now: number): void
}

/**
 * One timer for the pings and time limits of all running exchanges, instead of several per exchange that every chunk would
 * have to restart.
 */
export interface Watch {
  add(it: Watched): void
  remove(it: Watched): void
  stop(): void
}

/** `periodMs`: how late a limit may be noticed. */
export function createWatch({ clock, periodMs }: { clock: Clock, periodMs: number }): Watch {
  const all = new Set<Watched>()
  const timer = setInterval(() => {
    const now = clock.now()
    for (const it of all) it.check(now)
  }, periodMs)
  timer.unref()
  return {
    add: it => void all.add(it),
    remove: it => void all.delete(it),
    stop: () => clearInterval(timer),
  }
}
