export interface RunOptions<Item> {
  /** How many run at the same time. */
  parallel: number
  /** Once aborted nothing new begins, and what runs is given up. */
  signal: AbortSignal
  /** One ended, well or with what it threw. Not called for those that were given up. */
  onEnd: (item: Item, problem: unknown) => void
}

/** Works through items in their order. A problem with one does not stop the others. Resolves when all ended or were given up. */
export async function runAll<Item>(items: readonly Item[], work: (item: Item, signal: AbortSignal) => Promise<unknown>, { parallel, signal, onEnd }: RunOptions<Item>): Promise<void> {
  const waiting = items.values()

  async function lane(): Promise<void> {
    for (const item of waiting) {
      if (signal.aborted) return
      const problem = await work(item, signal).then(() => null, (thrown: unknown) => thrown ?? new Error('failed'))
      if (!signal.aborted) onEnd(item, problem)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, lane))
}

/** Items in pieces of at most `size`. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
