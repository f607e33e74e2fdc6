import type { LiveRows, LiveState } from '#shared/types/live'

/** What of the browser's EventSource is needed. */
export interface LiveSource {
  readonly readyState: number
  addEventListener(event: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

export interface LiveConnectionDeps {
  openStream(): LiveSource
  askState(): Promise<LiveState>
  now(): number
  onState(state: LiveState): void
  onRows(rows: LiveRows): void
  /** The last time nothing could be had, neither by stream nor by asking. */
  onFailed(failed: boolean): void
}

const TICK_MS = 3_000
/** The server gives a sign of life every ten seconds. */
const SILENT_MS = 25_000
/** Something between here and the server may hold a stream back: then it is asked instead. */
const FIRST_MS = 5_000
const REOPEN_MS = 15_000
const CLOSED = 2
const OPEN = 1

/** Hears of what is going on by a stream and, whenever that is cut, by asking again and again until it is back. */
export function createLiveConnection({ openStream, askState, now, onState, onRows, onFailed }: LiveConnectionDeps) {
  let source: LiveSource | null = null
  let timer: ReturnType<typeof setInterval> | undefined
  let openedAt = 0
  let heardAt = 0
  let heard = false
  let asking = false

  function hear<T>(data: string, then: (data: T) => void): void {
    heardAt = now()
    heard = true
    onFailed(false)
    then(JSON.parse(data) as T)
  }

  function open(): void {
    source?.close()
    const opened = source = openStream()
    openedAt = heardAt = now()
    heard = false
    opened.addEventListener('state', event => hear(event.data, onState))
    opened.addEventListener('rows', event => hear(event.data, onRows))
    opened.addEventListener('ping', event => hear(event.data, () => {}))
    opened.addEventListener('error', () => void tick())
  }

  async function ask(): Promise<void> {
    if (asking) return
    asking = true
    const asked = source
    try {
      const state = await askState()
      if (source !== asked || !asked) return
      onFailed(false)
      onState(state)
      onRows({ at: state.at, ids: [], more: true })
    }
    catch {
      if (source === asked && asked) onFailed(true)
    }
    finally {
      asking = false
    }
  }

  async function tick(): Promise<void> {
    if (!source) return
    const patience = source.readyState !== OPEN ? 0 : heard ? SILENT_MS : FIRST_MS
    if (source.readyState === CLOSED && now() - openedAt >= REOPEN_MS) open()
    if (now() - heardAt >= patience) await ask()
  }

  return {
    start(): void {
      if (source) return
      open()
      timer = setInterval(() => void tick(), TICK_MS)
    },
    stop(): void {
      clearInterval(timer)
      source?.close()
      source = null
    },
  }
}
