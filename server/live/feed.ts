import type { LiveRows, LiveState } from '#shared/types/live'
import type { Clock } from '../lib/clock'
import { AppError } from '../lib/errors'
import type { Logger } from '../lib/logger'
import type { Actor } from '../users/actor'
import type { AccountWatch } from './account-watch'
import type { BookedRow } from './booked-rows'
import { LiveStream, type Sink, type Viewer } from './stream'

/** What is going on, told to those who look: running requests, states of accounts, rows as they are booked. Each sees their own. */
export interface LiveFeed {
  /** Begins to tell, over what `connect` makes. Throws `rate_limited` before that when the session or the user has too many open, or the process ends. */
  open(viewer: Viewer, connect: () => Sink): void
  /** The same for who asks once. */
  state(actor: Pick<Actor, 'id' | 'role'>): LiveState
  rows(rows: BookedRow[]): void
  /** Ends all streams, and lets nobody begin another one. */
  stop(): void
}

export interface LiveFeedDeps {
  accounts: AccountWatch
  /** Requests that run now, of one user or of all. */
  running(userId: string | undefined): number
  /** Grows whenever sessions end or users change: then everybody's right to read is checked at once. */
  endings(): number
  clock: Clock
  logger: Logger
}

const TICK_MS = 1_000
/** Proxies cut what is silent for a minute; sessions that another instance ended are noticed by then. */
const PING_MS = 10_000
const USE_MS = 5_000
const RETRY_MS = 3_000
const MAX_PER_SESSION = 6
const MAX_PER_USER = 20
const MAX_STREAMS = 500
const MAX_IDS = 50

export function createLiveFeed({ accounts, running, endings, clock, logger }: LiveFeedDeps): LiveFeed {
  const streams = new Set<LiveStream>()
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  let seenEndings = endings()
  let pingedAt = 0
  let usedAt = 0
  const runningTold = new WeakMap<LiveStream, number>()

  const runningFor = ({ id, role }: Pick<Actor, 'id' | 'role'>): number => running(role === 'admin' ? undefined : id)
  const stateFor = (actor: Pick<Actor, 'id' | 'role'>): LiveState => ({
    at: clock.now(),
    running: runningFor(actor),
    accounts: accounts.all().filter(({ ownerId }) => actor.role === 'admin' || ownerId === actor.id).map(({ item }) => item),
    full: true,
    gone: [],
  })

  function tellAll(stream: LiveStream): void {
    const state = stateFor(stream.viewer.actor)
    for (const { id } of state.accounts) stream.known.add(id)
    runningTold.set(stream, state.running)
    stream.send('state', state)
  }

  /** After a pause nobody knows what was missed: rows without ids make the reader look. */
  function catchUp(stream: LiveStream): void {
    tellAll(stream)
    stream.send('rows', { at: clock.now(), ids: [], more: true } satisfies LiveRows)
  }

  async function check(stream: LiveStream): Promise<void> {
    try {
      if (!await stream.viewer.isValid()) stream.close()
    }
    catch (error) {
      logger.warn({ err: error }, 'the session behind a live stream could not be checked, so the stream is ended')
      stream.close()
    }
  }

  function tellChanges(): void {
    const { changed, gone } = accounts.changes()
    for (const stream of streams) {
      const visible = changed.filter(({ ownerId }) => stream.sees(ownerId)).map(({ item }) => item)
      const left = gone.filter(id => stream.known.delete(id))
      const now = runningFor(stream.viewer.actor)
      if (visible.length === 0 && left.length === 0 && runningTold.get(stream) === now) continue
      for (const { id } of visible) stream.known.add(id)
      runningTold.set(stream, now)
      stream.send('state', { at: clock.now(), running: now, accounts: visible, full: false, gone: left } satisfies LiveState)
    }
  }

  function tick(): void {
    const now = clock.now()
    tellChanges()
    const isPing = now - pingedAt >= PING_MS
    const current = endings()
    if (isPing || current !== seenEndings) for (const stream of streams) void check(stream)
    seenEndings = current
    if (isPing) {
      pingedAt = now
      for (const stream of streams) {
        if (stream.isStuck()) stream.close()
        else stream.send('ping', { at: now })
      }
    }
    if (now - usedAt < USE_MS) return
    usedAt = now
    accounts.readUse().catch((error: unknown) => logger.warn({ err: error }, 'when accounts were last used cannot be read right now'))
  }

  /** Nobody looks: nothing is worked out. */
  function run(): void {
    if (streams.size > 0 && !timer) timer = setInterval(tick, TICK_MS).unref()
    if (streams.size > 0 || !timer) return
    clearInterval(timer)
    timer = null
  }

  function requirePlace({ actor, sessionId }: Viewer): void {
    const of = (same: (viewer: Viewer) => boolean) => [...streams].filter(stream => same(stream.viewer)).length
    const full = streams.size >= MAX_STREAMS || of(viewer => viewer.sessionId === sessionId) >= MAX_PER_SESSION || of(viewer => viewer.actor.id === actor.id) >= MAX_PER_USER
    if (stopped || full) throw new AppError('rate_limited', 'Too many live streams are open. Close other windows of the console, or ask again later.', { retryAfterMs: 30_000 })
  }

  return {
    state: stateFor,
    open(viewer, connect) {
      requirePlace(viewer)
      const sink = connect()
      const stream = new LiveStream(viewer, sink, clock, catchUp)
      sink.onClose(() => {
        streams.delete(stream)
        run()
      })
      // Changes are told against what everybody knows: the first reader begins with that.
      if (streams.size === 0) {
        accounts.changes()
        pingedAt = clock.now()
      }
      streams.add(stream)
      stream.retryAfter(RETRY_MS)
      tellAll(stream)
      run()
    },
    rows(rows) {
      for (const stream of streams) {
        const visible = rows.filter(({ userId }) => stream.sees(userId))
        if (visible.length === 0) continue
        stream.send('rows', { at: clock.now(), ids: visible.slice(-MAX_IDS).map(({ id }) => id), more: visible.length > MAX_IDS } satisfies LiveRows)
      }
    },
    stop() {
      stopped = true
      for (const stream of [...streams]) stream.close()
      if (timer) clearInterval(timer)
      timer = null
    },
  }
}
