/** Requests that wait for a place, first come first served per name. */
export interface WaitingQueue {
  /** Resolves true when woken, false after `ms` or when `signal` aborts. `front`: keeps the turn of one who waited before. */
  wait(name: string, ms: number, signal: AbortSignal, front: boolean): Promise<boolean>
  /** Wakes the first who waits under the name; false when nobody does. */
  wake(name: string): boolean
  waiting(name: string): number
  readonly length: number
}

export function createQueue(): WaitingQueue {
  const lines = new Map<string, (() => void)[]>()
  let length = 0

  return {
    wait(name, ms, signal, front) {
      if (signal.aborted || ms <= 0) return Promise.resolve(false)
      return new Promise((resolve) => {
        const line = lines.get(name) ?? []
        lines.set(name, line)
        length++
        const leave = (woken: boolean): void => {
          const at = line.indexOf(turn)
          if (at >= 0) line.splice(at, 1)
          if (line.length === 0 && lines.get(name) === line) lines.delete(name)
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          length--
          resolve(woken)
        }
        const turn = (): void => leave(true)
        const onAbort = (): void => leave(false)
        const timer = setTimeout(() => leave(false), ms)
        signal.addEventListener('abort', onAbort)
        if (front) line.unshift(turn)
        else line.push(turn)
      })
    },
    wake(name) {
      const turn = lines.get(name)?.[0]
      turn?.()
      return turn !== undefined
    },
    waiting: name => lines.get(name)?.length ?? 0,
    get length() {
      return length
    },
  }
}
