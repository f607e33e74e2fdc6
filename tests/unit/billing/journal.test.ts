import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemCalls, type FileCalls } from '#server/billing/append-file'
import { JournalError, openJournal, type Journal, type JournalOptions } from '#server/billing/journal'
import { linesOf, listJournals } from '#server/billing/journal-files'
import { closedLine, headOf, openedLine, readLine, usageLine, type JournalLine } from '#server/billing/journal-lines'
import { createLogger } from '#server/lib/logger'
import { LockedError } from '#server/lib/process-lock'
import { noUsage } from '#shared/types/usage'
import { closedRequest, openedRequest } from '../../helpers/requests'
import { closed, noted, opened } from '../../helpers/journal'
import { fc, runs } from '../../helpers/property'

const logger = createLogger({ level: 'silent' })
let dir: string
let journals: Journal[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relay-journal-'))
  journals = []
})

afterEach(async () => {
  for (const journal of journals) await journal.close()
  await rm(dir, { recursive: true })
})

function open(options: Partial<JournalOptions> = {}): Journal {
  const journal = openJournal({ dir, instanceId: 'a', logger, ...options })
  journals.push(journal)
  return journal
}

async function linesIn(path: string): Promise<(JournalLine | null)[]> {
  const lines: (JournalLine | null)[] = []
  for await (const { text } of linesOf(path, 0)) lines.push(readLine(text))
  return lines
}

const current = (journal: Journal): string => journal.parts().at(-1)?.path ?? ''
const ids = (lines: (JournalLine | null)[]): string[] => lines.map(line => !line ? '?' : line.kind === 'closed' ? `c:${line.row.requestId}` : line.kind === 'opened' ? `o:${line.request.requestId}` : `u:${line.note.requestId}`)

/** A disk that takes `room` more bytes, then is full; `truncate` may fail, too. */
function fullDisk(room: number, truncates: boolean): FileCalls & { room: number } {
  const calls = {
    ...systemCalls,
    room,
    write(fd: number, bytes: Buffer, offset: number): number {
      const fits = Math.min(bytes.length - offset, calls.room)
      if (fits === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      calls.room -= fits
      return systemCalls.write(fd, bytes.subarray(offset, offset + fits), 0)
    },
    truncate(fd: number, size: number): void {
      if (!truncates) throw new Error('no')
      systemCalls.truncate(fd, size)
    },
  }
  return calls
}

describe('journal', () => {
  it('has each line in the file when the call returns, whole and readable', async () => {
    const journal = open()
    opened(journal, openedRequest('r1'), { multiplierBp: 12_000, priceBy: 'served' })
    noted(journal, 'r1', { ...noUsage(), inputTokens: 3 }, 'claude-x')
    closed(journal, closedRequest('r1', { errorMessage: 'line\nbreak é😀' }))
    const lines = await linesIn(current(journal))
    expect(lines).toEqual([
      { kind: 'opened', request: openedRequest('r1'), terms: { multiplierBp: 12_000, priceBy: 'served' } },
      { kind: 'usage', note: { requestId: 'r1', at: expect.any(Number) as number, usage: { ...noUsage(), inputTokens: 3 }, servedModel: 'claude-x' } },
      { kind: 'closed', row: closedRequest('r1', { errorMessage: 'line\nbreak é😀' }) },
    ])
    expect(journal.pendingBytes()).toBe((await readFile(current(journal))).length)
  })

  it('a torn last line is left out; the lines before it are read', async () => {
    const whole = closedLine(closedRequest('r1'))
    for (const torn of ['', '{', whole.slice(0, 100), whole.slice(0, -1)]) {
      await writeFile(join(dir, 'x'), whole + torn)
      expect(ids(await linesIn(join(dir, 'x')))).toEqual(['c:r1'])
    }
  })

  it('lines longer than a read, and offsets in the middle, are no trouble', async () => {
    const texts = fc.array(fc.string({ maxLength: 30 }).map(text => text.replaceAll('\n', ' ')), { minLength: 1, maxLength: 5 })
    await fc.assert(fc.asyncProperty(texts, fc.constantFrom(1, 100_000), async (parts, times) => {
      const lines = parts.map(part => part.repeat(times))
      await writeFile(join(dir, 'x'), lines.map(line => `${line}\n`).join(''))
      const found: { text: string, end: number }[] = []
      for await (const line of linesOf(join(dir, 'x'), 0)) found.push(line)
      expect(found.map(line => line.text)).toEqual(lines)
      const after: string[] = []
      for await (const line of linesOf(join(dir, 'x'), found[0]?.end ?? 0)) after.push(line.text)
      expect(after).toEqual(lines.slice(1))
    }), runs(25))
  })

  it.each([[true], [false]])('a full disk: the caller hears of it, later lines stay readable (truncate works: %s)', async (truncates) => {
    const size = openedLine(openedRequest('r1'), { multiplierBp: 1, priceBy: 'asked' }).length
    for (const room of [0, 1, size, size + 1, size + 50, 2 * size - 1]) {
      const calls = fullDisk(room, truncates)
      const journal = open({ instanceId: `i${room}`, calls })
      const written: string[] = []
      const write = (id: string) => {
        try {
          opened(journal, openedRequest(id), { multiplierBp: 1, priceBy: 'asked' })
          written.push(`o:${id}`)
        }
        catch (error) {
          expect(error).toBeInstanceOf(JournalError)
        }
      }
      for (const id of ['r1', 'r2']) write(id)
      calls.room = 1e6
      for (const id of ['r3', 'r4']) write(id)
      expect(written).toContain('o:r3')
      const found = ids(await linesIn(current(journal))).filter(id => id !== '?')
      // Only its line end was missing: a line that was refused may still turn up whole.
      expect(found.filter(id => written.includes(id))).toEqual(written)
      expect(journal.pendingBytes()).toBe((await readFile(current(journal))).length)
    }
  })

  it('a write that takes only a part is finished', async () => {
    const calls: FileCalls = { ...systemCalls, write: (fd, bytes, offset) => systemCalls.write(fd, bytes.subarray(offset, offset + 7), 0) }
    const journal = open({ calls })
    closed(journal, closedRequest('r1'))
    closed(journal, closedRequest('r2'))
    expect(ids(await linesIn(current(journal)))).toEqual(['c:r1', 'c:r2'])
  })

  it('a new file begins with the open requests, and an old one can go once it is booked', async () => {
    const journal = open({ maxFileBytes: 2000 })
    opened(journal, openedRequest('long'))
    noted(journal, 'long', { ...noUsage(), inputTokens: 7 }, null)
    for (let i = 0; i < 10; i++) {
      opened(journal, openedRequest(`r${i}`))
      closed(journal, closedRequest(`r${i}`))
    }
    const parts = journal.parts().map(part => part.path)
    expect(parts.length).toBeGreaterThan(3)
    for (const path of parts.slice(1)) expect(ids(await linesIn(path)).slice(0, 2)).toEqual(['o:long', 'u:long'])
    const all = (await Promise.all(parts.map(linesIn))).flatMap(ids)
    expect(all.filter(id => id.startsWith('c:'))).toEqual(Array.from({ length: 10 }, (_, i) => `c:r${i}`))
    expect((await listJournals(dir)).map(file => file.path)).toEqual(parts)
    await journal.drop(journal.parts()[0]?.name ?? '')
    await journal.drop(journal.parts().at(-1)?.name ?? '')
    expect(journal.parts().map(part => part.path)).toEqual(parts.slice(1))
  })

  it('without room for a new file the old one goes on', async () => {
    const calls = fullDisk(1e6, true)
    const journal = open({ maxFileBytes: 1500, calls })
    opened(journal, openedRequest('r1'))
    opened(journal, openedRequest('r2'))
    calls.room = 900
    noted(journal, 'r1', noUsage(), null)
    expect(() => closed(journal, closedRequest('r2'))).toThrow(JournalError)
    calls.room = 1e6
    closed(journal, closedRequest('r1'))
    expect((await Promise.all(journal.parts().map(part => linesIn(part.path)))).flatMap(ids)).toEqual(expect.arrayContaining(['o:r1', 'o:r2', 'u:r1', 'c:r1']))
    expect((await listJournals(dir)).length).toBe(journal.parts().length)
  })

  it('never uses a file name twice, even when the clock goes back', async () => {
    const first = open({ clock: { now: () => 5000 } })
    const name = first.parts()[0]?.name
    await journals.pop()?.close()
    const second = open({ clock: { now: () => 1 } })
    expect(name).toBe('journal-a-5000.jsonl')
    expect(second.parts()[0]?.name).toBe('journal-a-5001.jsonl')
  })

  it('refuses a second writer of the same instance', async () => {
    open()
    expect(() => open()).toThrow(LockedError)
    open({ instanceId: 'b' })
    expect((await readdir(dir)).filter(name => name.endsWith('.jsonl'))).toHaveLength(2)
  })
})

describe('journal lines', () => {
  it.each(['', '{}', 'null', '[]', '{"kind":"closed"}', '{"kind":"opened","requestId":""}', '{"kind":"usage","requestId":"r"}', '{"kind":"later","requestId":"r"}', '\u0000'])('%j is no line', (text) => {
    expect(readLine(text)).toBeNull()
  })

  it('fields of later versions are passed over, missing ones get a neutral value', () => {
    const { attempts: _attempts, ip: _ip, ...old } = closedRequest('r1')
    expect(readLine(closedLine({ ...old, brandNew: 1 } as never))).toEqual({ kind: 'closed', row: { ...old, attempts: [], ip: null } })
  })

  it('are told apart by their beginning alone', () => {
    const whole = openedLine(openedRequest('r1'), { multiplierBp: 1, priceBy: 'asked' })
    expect(headOf(whole)).toEqual({ kind: 'opened', requestId: 'r1' })
    expect(headOf(closedLine(closedRequest('r2')).slice(0, 80))).toEqual({ kind: 'closed', requestId: 'r2' })
    for (const text of ['', '{', whole.slice(0, 20), ` ${whole}`, whole.slice(1)]) expect(headOf(text)).toBeNull()
  })

  it('come back as they were, however odd the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.maxSafeInteger(), (text, nano) => {
      const row = closedRequest('r1', { errorMessage: text, sessionId: text, costNano: nano })
      const line = closedLine(row)
      expect(line.indexOf('\n')).toBe(line.length - 1)
      expect(readLine(line)).toEqual({ kind: 'closed', row })
      expect(readLine(usageLine({ requestId: 'r', at: 1, usage: noUsage(), servedModel: text }))).toMatchObject({ note: { servedModel: text } })
    }))
  })
})
