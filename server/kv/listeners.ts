type Listener = (message: string) => void

/** Who listens to which channel in this process. */
export interface Listeners {
  /** Returns the function that ends it; harmless when called twice. */
  add(channel: string, listener: Listener): () => void
  /** Gives the message to each listener; one that throws is reported and does not keep it from the others. */
  deliver(channel: string, message: string): void
  has(channel: string): boolean
  channels(): string[]
  clear(): void
}

export function createListeners(report: (error: unknown, channel: string) => void): Listeners {
  const byChannel = new Map<string, Set<{ listener: Listener }>>()
  return {
    add(channel, listener) {
      // An object of its own: the same function may subscribe twice.
      const entry = { listener }
      const entries = byChannel.get(channel) ?? new Set()
      byChannel.set(channel, entries.add(entry))
      return () => {
        entries.delete(entry)
        if (entries.size === 0 && byChannel.get(channel) === entries) byChannel.delete(channel)
      }
    },
    deliver(channel, message) {
      for (const { listener } of [...byChannel.get(channel) ?? []]) {
        try {
          listener(message)
        }
        catch (error) {
          report(error, channel)
        }
      }
    },
    has: channel => byChannel.has(channel),
    channels: () => [...byChannel.keys()],
    clear: () => byChannel.clear(),
  }
}
