import { closeSync, fdatasync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/** The system calls behind a journal file; tests put failing ones in their place. */
export interface FileCalls {
  write(fd: number, bytes: Buffer, offset: number): number
  truncate(fd: number, size: number): void
  sync(fd: number): Promise<void>
}

export const systemCalls: FileCalls = {
  write: (fd, bytes, offset) => writeSync(fd, bytes, offset),
  truncate: ftruncateSync,
  sync: promisify(fdatasync),
}

/** What could not be written to the journal is not in it; `cause` says why. */
export class JournalError extends Error {
  override name = 'JournalError'
}

/**
 * A file that grows by whole lines, handed to the system before `append` returns.
 * Lines that only went in part are cut off again, or ended before the next ones when even that fails.
 */
export class AppendFile {
  readonly #fd: number
  /** Bytes in the file; past `size` when it ends in a torn line. */
  #length = 0
  #syncing: Promise<void> = Promise.resolve()
  /** End of the last whole line. */
  size = 0

  /** The file must not exist yet. */
  constructor(readonly name: string, readonly path: string, private readonly calls: FileCalls) {
    this.#fd = openSync(path, 'ax', 0o600)
    syncFolder(dirname(path))
  }

  /** Gives the offset at which the lines begin. Throws {@link JournalError} when they are not whole in the file. */
  append(lines: string): number {
    const torn = this.#length > this.size
    const bytes = Buffer.from(torn ? `\n${lines}` : lines)
    const start = this.#length + (torn ? 1 : 0)
    let done = 0
    try {
      while (done < bytes.length) {
        const written = this.calls.write(this.#fd, bytes, done)
        if (written <= 0) throw new Error('the system took no byte')
        done += written
      }
    }
    catch (error) {
      if (done > 0) this.#undo(done)
      throw new JournalError(`Lines of ${this.name} could not be written`, { cause: error })
    }
    this.#length += bytes.length
    this.size = this.#length
    return start
  }

  /** Resolves once all that was appended before is on the disk. */
  sync(): Promise<void> {
    const synced = this.#syncing.then(() => this.calls.sync(this.#fd))
    this.#syncing = synced.catch(() => undefined)
    return synced
  }

  syncNow(): void {
    fdatasyncSync(this.#fd)
  }

  /** Closes without a last sync. */
  async close(): Promise<void> {
    await this.#syncing
    closeSync(this.#fd)
  }

  #undo(written: number): void {
    try {
      this.calls.truncate(this.#fd, this.#length)
    }
    catch {
      // The next line begins with a line end, so that only this one stays unreadable.
      this.#length += written
    }
  }
}

/** Puts a new file's name on the disk; Windows knows no such call and needs none. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(path, 'r')
  fsyncSync(fd)
  closeSync(fd)
}
