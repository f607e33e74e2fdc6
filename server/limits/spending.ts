import type { ClosedRequest } from '#shared/types/log'
import { spansOf } from '#shared/utils/period'
import type { Journal } from '../billing/journal'
import { parseJournalName } from '../billing/journal-files'
import { FILE_DONE } from '../db/repos/ledger'
import type { SpendRepo, SpendScope } from '../db/repos/spend'
import { addSpent } from '../kv/memory-claims'
import type { Base, Spent } from '../kv/claims'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { keySubject, accountSubject, positionOf, positionOfEnd, RetainedCosts, subjectsOf, type SettledCost } from './retained'

export interface SpendingDeps {
  kv: Kv
  repo: SpendRepo
  journal: Pick<Journal, 'instanceId' | 'parts' | 'isBooked'>
  clock: Clock
  logger: Logger
  timeZone: string
  /** Do other processes book into the same database? Then counters in this process's memory age. */
  isShared: boolean
}

/** A base older than this is not used: see RETAIN_MS. */
const MAX_BUILD_MS = 10_000
/** Longer than a build takes, so that what a base lacks is still here. */
const RETAIN_MS = 15_000

/** After so long a counter in this process's memory takes in what others booked. */
const LOCAL_FRESH_MS = 10_000

interface Batch { after: string, entries: Spent[], ended: string[] }

/**
 * Counters of what limited keys and accounts spent. README.md tells why each settled request counts once, whatever the kv, the
 * database and the processes go through.
 */
export class Spending {
  readonly retained: RetainedCosts
  readonly #limited = new Set<string>()
  /** Position of the latest cost of each subject. */
  readonly #latest = new Map<string, string>()
  readonly #batches = new Map<string, Batch>()
  readonly #building = new Map<string, Promise<void>>()
  /** Subjects whose costs may be missing in the shared kv, until it has answered a count of them. */
  readonly #unsure = new Set<string>()
  /** Counters that had to go while the shared kv was away, where they still stand. */
  readonly #toDrop = new Set<string>()
  /** When the counter of a subject was last built here. */
  readonly #builtAt = new Map<string, number>()
  #wasLocal = false
  #onBack: () => void = () => undefined
  #onCounted: (subject: string) => void = () => undefined

  constructor(private readonly deps: SpendingDeps) {
    this.retained = new RetainedCosts({ timeZone: deps.timeZone, keepMs: RETAIN_MS, isBooked: (file, end) => deps.journal.isBooked(file, end) })
  }

  /** Tells which subjects have a cap. One that gets a cap while this process runs is built anew: nobody counted it so far. */
  limit(subject: string, isLimited: boolean, atStart = false): void {
    if (!isLimited) this.#limited.delete(subject)
    else if (!this.#limited.has(subject)) {
      this.#limited.add(subject)
      if (!atStart) this.forget(subject)
    }
  }

  /** What a request cost, right after the journal took its row, which ends at the offset `end`; `before`: the row that it replaces. */
  settled(row: ClosedRequest, before: ClosedRequest | null, end: number): void {
    const billed = row.billedNano - (before?.billedNano ?? 0)
    const costNano = row.costNano - (before?.costNano ?? 0)
    const part = this.deps.journal.parts().at(-1)
    const file = part && parseJournalName(part.name)
    if (!file || (billed === 0 && costNano === 0)) return
    const cost: SettledCost = {
      file: part.name, end, position: positionOf(file.number, end),
      key: row.apiKeyId, account: row.accountId, billed, cost: costNano, at: row.createdAt, bookedAt: null,
    }
    this.retained.add(cost)
    for (const subject of subjectsOf(cost)) {
      if (this.#limited.has(subject)) this.#batch(subject).entries.push(this.retained.entry(subject, cost))
      this.#latest.set(subject, cost.position)
    }
  }

  /** A request that had claimed something has ended. */
  ended(subject: string, token: string): void {
    this.#batch(subject).ended.push(token)
  }

  /** Builds an absent counter from the books. Rejects when the database can't be read. */
  build(subject: string, ticket: string): Promise<void> {
    return this.#once(subject, async () => {
      const built = await this.deps.kv.claims.build(subject, await this.#base(subject), { ticket })
      if (built === 'built') await this.#announce(subject)
    })
  }

  /** Builds a counter in this process's memory anew, so that what other instances booked comes in. */
  #refresh(subject: string): void {
    if (this.#building.has(subject)) return
    this.#quietly(this.#once(subject, async () => {
      await this.deps.kv.claims.build(subject, await this.#base(subject), { replace: true })
    }))
  }

  /** Lets a counter be built anew at its next use. */
  forget(subject: string): void {
    this.#quietly(this.#drop(subject))
  }

  /** The books changed without this process settling anything: a crashed process's journal was booked, or rows got a price. */
  adopted(rows: readonly Pick<ClosedRequest, 'apiKeyId' | 'accountId'>[]): void {
    const subjects = new Set(rows.flatMap(({ apiKeyId, accountId }) => [...apiKeyId === null ? [] : [keySubject(apiKeyId)], ...accountId === null ? [] : [accountSubject(accountId)]]))
    for (const subject of subjects) this.forget(subject)
  }

  /** Makes sure that a counter holds all that this process settled. */
  ensure(subject: string): void {
    const after = this.#latest.get(subject)
    if (after !== undefined && this.#limited.has(subject)) this.#quietly(this.#send(subject, { after, entries: [], ended: [] }))
  }

  /** Every few seconds: what a lost message or an outage left undone. */
  sweep(): void {
    this.retained.trim(this.deps.clock.now())
    for (const subject of this.#toDrop) this.forget(subject)
    for (const subject of new Set([...this.#unsure, ...this.retained.subjects()])) this.ensure(subject)
  }

  /** `listener` is called when the shared kv answers again after an outage. */
  onBack(listener: () => void): void {
    this.#onBack = listener
  }

  /** `listener` is called when something that this process settled has been counted. */
  onCounted(listener: (subject: string) => void): void {
    this.#onCounted = listener
  }

  /** Follows where answers come from. */
  heard(subject: string, local: boolean): void {
    if (local && this.deps.isShared && this.deps.clock.now() - (this.#builtAt.get(subject) ?? 0) > LOCAL_FRESH_MS) this.#refresh(subject)
    if (this.deps.kv.kind !== 'redis') return
    if (local) this.#unsure.add(subject)
    const isBack = this.#wasLocal && !local
    this.#wasLocal = local
    if (!isBack) return
    this.#onBack()
    for (const each of this.#unsure) this.ensure(each)
  }

  #batch(subject: string): Batch {
    let batch = this.#batches.get(subject)
    if (!batch) {
      batch = { after: this.#latest.get(subject) ?? '', entries: [], ended: [] }
      this.#batches.set(subject, batch)
      queueMicrotask(() => {
        const whole = this.#batches.get(subject)
        this.#batches.delete(subject)
        if (whole) this.#quietly(this.#send(subject, whole))
      })
    }
    return batch
  }

  async #send(subject: string, batch: Batch): Promise<void> {
    const { kv, journal } = this.deps
    const answer = await kv.claims.count(subject, { writer: journal.instanceId, ...batch })
    // The books may be ahead of a counter that stood while this process could not reach it.
    const mayBeOld = this.#unsure.has(subject)
    if (!answer.local) this.#unsure.delete(subject)
    this.heard(subject, answer.local)
    if (answer.result === 'counted' && batch.entries.length > 0) this.#onCounted(subject)
    if (answer.result !== 'gap') return
    const entries = this.retained.after(subject, answer.applied)
    if (entries === null || (mayBeOld && this.retained.hasLetGo(subject))) return this.#drop(subject)
    if (entries.length === 0) return
    await kv.claims.count(subject, { writer: journal.instanceId, after: answer.applied, entries, ended: [] })
  }

  async #drop(subject: string): Promise<void> {
    const isShared = this.deps.kv.kind === 'redis'
    if (isShared) this.#toDrop.add(subject)
    const { local } = await this.deps.kv.claims.drop(subject)
    if (!local) this.#toDrop.delete(subject)
  }

  async #base(subject: string): Promise<Base> {
    const { repo, clock, timeZone, journal } = this.deps
    const began = clock.now()
    this.#builtAt.set(subject, began)
    const [scope, id] = subject.split(':', 2) as [SpendScope, string]
    const spans = spansOf(began, timeZone)
    const { sums, files } = await repo.booked(scope, id, spans)
    const base = { spans, sums, positions: positionsOf(files) }
    const own = this.retained.after(subject, base.positions[journal.instanceId] ?? '')
    if (own === null || clock.now() - began > MAX_BUILD_MS) throw new Error('the books took too long to read')
    addSpent(base, journal.instanceId, own)
    return base
  }

  #once(subject: string, work: () => Promise<void>): Promise<void> {
    const running = this.#building.get(subject)
    if (running) return running
    const started = work().finally(() => this.#building.delete(subject))
    this.#building.set(subject, started)
    return started
  }

  async #announce(subject: string): Promise<void> {
    if (this.deps.kv.kind === 'redis') await this.deps.kv.publish(BUILT_CHANNEL, subject)
  }

  #quietly(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.deps.logger.warn({ err: error }, 'a cost counter could not be brought up to date at once'))
  }
}

/** Subjects of counters that were just built, for the other instances to add what they have not booked. */
export const BUILT_CHANNEL = 'limits:built'

/** How far the books reach into what each instance wrote. */
function positionsOf(files: { file: string, offset: number }[]): Record<string, string> {
  const positions: Record<string, string> = {}
  for (const { file, offset } of files) {
    const name = parseJournalName(file)
    if (!name) continue
    const position = offset === FILE_DONE ? positionOfEnd(name.number) : positionOf(name.number, offset)
    if (position > (positions[name.instanceId] ?? '')) positions[name.instanceId] = position
  }
  return positions
}
