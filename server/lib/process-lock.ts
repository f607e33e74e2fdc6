import { rmSync } from 'node:fs'
import Database from 'libsql'

/** A lock of the operating system on a file; ends with the process, however that ends. */
export interface ProcessLock {
  readonly path: string
  release(): void
  /** Removes the file, then lets go. Only for a lock that nobody new may want at the same moment. */
  releaseAndRemove(): void
}

export class LockedError extends Error {
  override name = 'LockedError'
}

/** Keeps connections from being collected: a collected one would give its lock back. */
const held = new Set<Database.Database>()

/**
 * Takes the lock at `path` for the life of the process, waiting up to `waitMs` (blocking). Throws {@link LockedError} when another
 * process, or this one, has it. Node knows no flock, so an exclusive SQLite transaction on a file of its own stands in; the file
 * must never be opened by anything else, since closing any descriptor on it drops the system's lock.
 */
export function holdLock(path: string, { waitMs = 0 }: { waitMs?: number } = {}): ProcessLock {
  const lock = tryLock(path, { waitMs })
  if (!lock) throw new LockedError(`${path} is held by a running process`)
  return lock
}

/** As {@link holdLock}; null when the lock is taken. */
export function tryLock(path: string, { waitMs = 0 }: { waitMs?: number } = {}): ProcessLock | null {
  const database = new Database(path)
  try {
    database.pragma(`busy_timeout = ${waitMs}`)
    database.pragma('journal_mode = memory')
    database.exec('begin exclusive')
  }
  catch (error) {
    database.close()
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return null
    throw error
  }
  held.add(database)
  const release = () => {
    if (!held.delete(database)) return
    database.exec('rollback')
    database.close()
  }
  return {
    path,
    release,
    releaseAndRemove() {
      if (held.has(database)) rmSync(path, { force: true })
      release()
    },
  }
}
