import type { Clock } from '../lib/clock'
import type { Actor } from '../users/actor'

/** Where events are written to: one connection. */
export interface Sink {
  /** False: the reader is behind, and nothing should be written before `onDrain`. */
  write(text: string): boolean
  onDrain(listener: () => void): void
  onClose(listener: () => void): void
  close(): void
}

/** Who reads, and for how long they may. */
export interface Viewer {
  actor: Pick<Actor, 'id' | 'role'>
  sessionId: string
  /** Does the session still stand, with the same rights? */
  isValid(): Promise<boolean>
}

/** A reader that takes nothing for this long is let go. */
const MAX_BEHIND_MS = 30_000

/**
 * One reader. What comes while it is behind is not kept: once it can read again it is told everything as it is then, so a slow
 * reader holds one written event at the most.
 */
export class LiveStream {
  /** Accounts that this reader was told of. */
  readonly known = new Set<string>()
  private behindSince: number | null = null
  private missed = false

  constructor(readonly viewer: Viewer, private readonly sink: Sink, private readonly clock: Clock, private readonly catchUp: (stream: LiveStream) => void) {
    sink.onDrain(() => {
      this.behindSince = null
      if (!this.missed) return
      this.missed = false
      this.catchUp(this)
    })
  }

  sees(ownerId: string | null): boolean {
    const { id, role } = this.viewer.actor
    return role === 'admin' || ownerId === id
  }

  send(event: 'state' | 'rows' | 'ping', data: object): void {
    if (this.behindSince !== null) this.missed = true
    else this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** The wait before a reader that was cut comes again. */
  retryAfter(ms: number): void {
    this.write(`retry: ${ms}\n\n`)
  }

  isStuck(): boolean {
    return this.behindSince !== null && this.clock.now() - this.behindSince >= MAX_BEHIND_MS
  }

  close(): void {
    this.sink.close()
  }

  private write(text: string): void {
    if (!this.sink.write(text)) this.behindSince ??= this.clock.now()
  }
}
