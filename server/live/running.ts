/** Counts what runs in this process, by id. */
export interface Tally {
  /** Gives the function that ends it; harmless when called twice. */
  begin(id: string): () => void
  inFlight(id: string): number
  running(): ReadonlyMap<string, number>
}

export function createTally(): Tally {
  const running = new Map<string, number>()
  const count = (id: string, by: number): void => {
    const next = (running.get(id) ?? 0) + by
    if (next > 0) running.set(id, next)
    else running.delete(id)
  }
  return {
    begin(id) {
      let ended = false
      count(id, 1)
      return () => {
        if (!ended) count(id, -1)
        ended = true
      }
    },
    inFlight: id => running.get(id) ?? 0,
    running: () => running,
  }
}
