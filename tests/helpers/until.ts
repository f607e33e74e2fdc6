import type { EventEmitter } from 'node:events'

/** How long a test waits for something that should happen at once. */
export const PATIENCE_MS = 15_000

/** Resolves as soon as `condition` holds, looking again at each `change`. Rejects after `ms`, saying what was awaited. */
export function untilEvent(changes: EventEmitter, condition: () => boolean, what: string, ms = PATIENCE_MS): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!condition()) return
      stop()
      resolve()
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`Waited ${ms} ms in vain for: ${what}`))
    }, ms)
    const stop = () => {
      clearTimeout(timer)
      changes.off('change', look)
    }
    changes.on('change', look)
    look()
  })
}

/** Asks again and again, for things that send no event, until the answer is not undefined. Rejects after `ms`. */
export async function poll<T>(ask: () => Promise<T | undefined> | T | undefined, what: string, ms = PATIENCE_MS): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain for: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
