import { readdirSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface JournalFile {
  name: string
  path: string
  instanceId: string
  number: number
}

/** A whole line without its end, and the offset behind it. */
export interface FileLine {
  text: string
  end: number
}

const NAME = /^journal-(.+)-(\d+)\.jsonl$/
const CHUNK = 256 * 1024
const NEWLINE = 10

export const journalName = (instanceId: string, number: number): string => `journal-${instanceId}-${number}.jsonl`

/** Who wrote a journal file, and its number; null for another file. */
export function parseJournalName(name: string): { instanceId: string, number: number } | null {
  const [, instanceId, digits] = NAME.exec(name) ?? []
  return instanceId && digits ? { instanceId, number: Number(digits) } : null
}

const LOCK_NAME = /^journal-(.+)\.lock$/

/** The instance a file in the journal's folder is the lock of, or null. */
export const instanceOfLock = (name: string): string | null => LOCK_NAME.exec(name)?.[1] ?? null

export const lockPath = (dir: string, instanceId: string): string => join(dir, `journal-${instanceId}.lock`)

/** Held for moments by whoever makes or removes an instance's lock, so that nobody locks a file that is being removed. */
export const gatePath = (dir: string): string => join(dir, 'gate.lock')

/** Journal files in `dir`, by instance and age. */
export const listJournals = async (dir: string): Promise<JournalFile[]> => inOrder(dir, await readdir(dir))

/** A number for a new file that no earlier file of this instance had, a deleted one included. */
export function nextNumber(dir: string, instanceId: string, now: number): number {
  const used = inOrder(dir, readdirSync(dir)).filter(file => file.instanceId === instanceId)
  return Math.max(now, ...used.map(file => file.number + 1))
}

/** Whole lines of a file from an offset on, up to `limit` or the file's end; a torn last line is left out. */
export async function* linesOf(path: string, from: number, limit = Number.POSITIVE_INFINITY): AsyncGenerator<FileLine> {
  const file = await open(path, 'r')
  try {
    let rest = Buffer.alloc(0)
    let at = from
    while (at < limit) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK, limit - at))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
      if (bytesRead === 0) return
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
      const base = at - rest.length
      at += bytesRead
      let start = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        yield { text: bytes.toString('utf8', start, end), end: base + end + 1 }
        start = end + 1
      }
      rest = bytes.subarray(start)
    }
  }
  finally {
    await file.close()
  }
}

function inOrder(dir: string, names: string[]): JournalFile[] {
  const files = names.flatMap((name) => {
    const parsed = parseJournalName(name)
    return parsed ? [{ name, path: join(dir, name), ...parsed }] : []
  })
  return files.sort((a, b) => (a.instanceId < b.instanceId ? -1 : a.instanceId > b.instanceId ? 1 : a.number - b.number))
}
