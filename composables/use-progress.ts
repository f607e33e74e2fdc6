import { runAll } from '#shared/utils/run-all'

/** Something long in steps: how far it is, what came of it, and the way to stop it. `ConsoleProgressBar` shows it. */
export interface Progress {
  readonly running: boolean
  /** Was stopped before its end. */
  readonly stopped: boolean
  readonly total: number
  /** Ended, well or not. */
  readonly done: number
  readonly failed: number
  stop(): void
  /** Takes the summary away. */
  clear(): void
}

/**
 * Works through items a few at a time. `work` gets a signal that is aborted by {@link Progress.stop} and when the page is left; `weight`
 * says how many things one item stands for.
 */
export function useProgress<Item>(work: (item: Item, signal: AbortSignal) => Promise<unknown>, { parallel = 1, weight = () => 1 }: { parallel?: number, weight?: (item: Item) => number } = {}) {
  const running = ref(false)
  const stopped = ref(false)
  const total = ref(0)
  const done = ref(0)
  const failed = ref(0)
  /** What the last failure threw. */
  const problem = shallowRef<unknown>(null)
  let control = new AbortController()
  onBeforeUnmount(() => control.abort())

  function clear(): void {
    total.value = done.value = failed.value = 0
    stopped.value = false
    problem.value = null
  }

  /** Resolves when all ended, or it was stopped. */
  async function start(items: readonly Item[]): Promise<void> {
    if (running.value) return
    clear()
    control = new AbortController()
    running.value = true
    total.value = items.reduce((sum, item) => sum + weight(item), 0)
    await runAll(items, work, {
      parallel,
      signal: control.signal,
      onEnd(item, thrown) {
        done.value += weight(item)
        if (thrown === null) return
        failed.value += weight(item)
        problem.value = thrown
      },
    })
    running.value = false
  }

  const progress: Progress = {
    get running() { return running.value },
    get stopped() { return stopped.value },
    get total() { return total.value },
    get done() { return done.value },
    get failed() { return failed.value },
    stop() {
      if (!running.value) return
      stopped.value = true
      control.abort()
    },
    clear,
  }
  return { progress, start, problem }
}
