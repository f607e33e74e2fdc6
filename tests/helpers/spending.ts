import { journalName } from '#server/billing/journal-files'
import type { SpendRepo } from '#server/db/repos/spend'
import { Estimates } from '#server/limits/estimates'
import { Admission } from '#server/limits/admission'
import { Spending } from '#server/limits/spending'
import type { Kv } from '#server/kv/kv'
import { createMemoryKv } from '#server/kv/memory'
import { createLogger } from '#server/lib/logger'
import type { ClosedRequest } from '#shared/types/log'
import { localDate } from '#shared/utils/period'
import { handClock } from './pool'
import { closedRequest } from './requests'

interface Line { end: number, row: ClosedRequest, before: ClosedRequest | null }
interface File { name: string, lines: Line[], booked: number, gone: boolean }

const LINE = 100

/**
 * Instances over one database and one shared kv, all in memory: books are what was drained, journals what was settled, and the kv can
 * lose everything or be away.
 */
export function spendingWorld({ timeZone = 'UTC', now = Date.UTC(2026, 10, 24, 12) } = {}) {
  const clock = handClock(now)
  const logger = createLogger({ level: 'silent' })
  const shared = createMemoryKv({ clock })
  let away = false
  let databaseAway = false
  const booked: { scope: 'key' | 'account', id: string, day: string, amount: number }[] = []
  const cursors = new Map<string, number>()
  const forgetAt = new Map<string, number>()
  const settled: ClosedRequest[] = []
  let ids = 0

  const repo: SpendRepo = {
    async booked(scope, id, { day, week, month }) {
      if (databaseAway) throw new Error('the database is away')
      const mine = booked.filter(one => one.scope === scope && one.id === id)
      const since = (from: string) => mine.filter(one => one.day >= from).reduce((sum, one) => sum + one.amount, 0)
      return { sums: { day: since(day), week: since(week), month: since(month), total: since('') }, files: [...cursors].map(([file, offset]) => ({ file, offset })) }
    },
    sums: async () => new Map(),
  }

  function instance(name: string) {
    const own = createMemoryKv({ clock })
    let dead = false
    const either = (): typeof own => away ? own : shared
    // What a process had not sent when it died never goes out.
    const alive = <A extends unknown[], R>(send: (...args: A) => Promise<R>) => (...args: A): Promise<R> => dead ? new Promise<R>(() => undefined) : send(...args)
    // A shared kv with this process's memory behind it, as openKv makes it.
    const local = async <T extends { local: boolean }>(call: (claims: Kv['claims']) => Promise<T>): Promise<T> => {
      const isLocal = away
      return { ...await call(either().claims), local: isLocal }
    }
    const claims: Kv['claims'] = {
      take: alive(async claim => local(claims => claims.take(claim))),
      keep: alive((...args) => either().claims.keep(...args)),
      count: alive(async (...args) => {
        if (!away) own.claims.clear()
        return local(claims => claims.count(...args))
      }),
      build: alive((...args) => either().claims.build(...args)),
      drop: alive(async subject => local(claims => claims.drop(subject))),
      read: alive(async (...args) => local(claims => claims.read(...args))),
    }
    const kv: Kv = { ...shared, kind: 'redis', claims }
    const files: File[] = [{ name: journalName(name, 1), lines: [], booked: 0, gone: false }]
    const part = (file: File) => ({ name: file.name, path: '', size: file.lines.length * LINE })
    const living = () => files.filter(file => !file.gone)
    const journal = {
      instanceId: name,
      parts: () => living().map(part),
      isBooked: (file: string, end: number) => (files.find(one => one.name === file && !one.gone)?.booked ?? Infinity) >= end,
    }
    const spending = new Spending({ kv, repo, journal, clock, logger, timeZone, isShared: true })
    const admission = new Admission({ kv, spending, clock, logger, timeZone, estimates: new Estimates({ cost: () => ({ billedNano: 10 }) as never }) })

    return {
      spending, admission, kv,
      /** A request's end; `before`: it had been closed already. */
      settle(key: string, billedNano: number, before: ClosedRequest | null = null, account = 'a') {
        const row = closedRequest(before?.requestId ?? `r${++ids}`, { apiKeyId: key, accountId: account, billedNano, costNano: billedNano * 2, createdAt: clock.now() })
        const file = files.at(-1)!
        file.lines.push({ end: (file.lines.length + 1) * LINE, row, before })
        settled.push({ ...row, billedNano: billedNano - (before?.billedNano ?? 0) })
        spending.settled(row, before, file.lines.length * LINE)
        return row
      },
      /** Books up to so many lines. */
      drain(lines = Infinity) {
        for (const [file, at] of forgetAt) if (at <= clock.now()) cursors.delete(file)
        for (const file of living()) {
          const from = file.booked / LINE
          const some = file.lines.slice(from, from + lines)
          lines -= some.length
          for (const { row, before } of some) {
            const day = localDate(row.createdAt, timeZone)
            booked.push({ scope: 'key', id: row.apiKeyId!, day, amount: row.billedNano - (before?.billedNano ?? 0) })
            booked.push({ scope: 'account', id: row.accountId!, day, amount: row.costNano - (before?.costNano ?? 0) })
          }
          if (some.length > 0) cursors.set(file.name, file.booked += some.length * LINE)
          if (file !== files.at(-1) && file.booked === file.lines.length * LINE) {
            file.gone = true
            forgetAt.set(file.name, clock.now() + 60_000)
          }
        }
      },
      rotate() {
        files.push({ name: journalName(name, files.length + 1), lines: [], booked: 0, gone: false })
      },
      /** The process is gone; another one books what it left and tells so. */
      crash(adopter: Spending) {
        dead = true
        this.drain()
        adopter.adopted(files.flatMap(file => file.lines.map(line => line.row)))
        for (const file of files) cursors.delete(file.name)
      },
    }
  }

  return {
    clock, shared, settled, instance,
    lose: () => shared.claims.clear(),
    away(is: boolean) {
      away = is
    },
    databaseAway(is: boolean) {
      databaseAway = is
    },
    spent: (key: string) => settled.filter(row => row.apiKeyId === key).reduce((sum, row) => sum + row.billedNano, 0),
  }
}

/** Lets everything that was begun without being waited for come to its end. */
export const calm = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}
