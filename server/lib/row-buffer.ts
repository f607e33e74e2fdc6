import type { Logger } from './logger'

/** Gathers rows and writes them together, since nobody should wait for them and many may come at once. */
export interface RowBuffer<T> {
  add(row: T): void
  /** Writes what is gathered; never rejects. */
  flush(): Promise<void>
  stop(): Promise<void>
}

export interface RowBufferOptions<T> {
  write(rows: T[]): Promise<unknown>
  logger: Logger
  /** For log lines: what the rows are. */
  what: string
  periodMs?: number
  /** Rows of one statement. */
  maxBatch?: number
  /** Rows that are kept while the database is away; the oldest beyond are dropped. */
  maxKept?: number
}

export function createRowBuffer<T>({ write, logger, what, periodMs = 1_000, maxBatch = 200, maxKept = 5_000 }: RowBufferOptions<T>): RowBuffer<T> {
  let rows: T[] = []
  let dropped = 0
  let running: Promise<void> | null = null

  function keep(given: T[]): void {
    rows = given.slice(-maxKept)
    dropped += given.length - rows.length
  }

  async function writeAll(): Promise<void> {
    while (rows.length > 0) {
      const batch = rows.splice(0, maxBatch)
      try {
        await write(batch)
      }
      catch (error) {
        keep([...batch, ...rows])
        logger.warn({ err: error, waiting: rows.length, dropped }, `${what} could not be written`)
        return
      }
    }
    dropped = 0
  }

  const flush = (): Promise<void> => running ??= writeAll().finally(() => {
    running = null
  })
  const timer = setInterval(() => void flush(), periodMs)
  timer.unref()

  return {
    add(row) {
      rows.push(row)
      if (rows.length > maxKept) keep(rows)
    },
    flush,
    async stop() {
      clearInterval(timer)
      await running
      await flush()
    },
  }
}
