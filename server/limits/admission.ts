import { spansOf } from '#shared/utils/period'
import type { Kv } from '../kv/kv'
import type { Clock } from '../lib/clock'
import type { Logger } from '../lib/logger'
import { RelayError } from '../relay/errors'
import { say } from '../relay/messages'
import type { Estimates } from './estimates'
import type { Demand } from './index'
import type { AdmitContext } from './limit'
import { keySubject } from './retained'
import { BUILT_CHANNEL, type Spending } from './spending'

/** What a running request holds of its key's limits. */
export interface Hold {
  /** Gives it back; may be called more than once. */
  end(): void
  /** What the request cost, for the next estimate. */
  learn(billedNano: number): void
}

export interface AdmissionDeps {
  kv: Kv
  spending: Spending
  estimates: Estimates
  clock: Clock
  logger: Logger
  timeZone: string
}

const LEASE_MS = 60_000
const RENEW_MS = 20_000
const SWEEP_MS = 1_000
const TRIES = 3

interface Running { subject: string, token: string, estimate: number }

/** Lets requests in by the counted limits of their keys. A key without such limits never comes here. */
export class Admission {
  readonly #running = new Set<Running>()
  readonly #timers: NodeJS.Timeout[]
  #unsubscribe: (() => Promise<void>) | null = null

  constructor(private readonly deps: AdmissionDeps) {
    this.#timers = [setInterval(() => this.keepAll(), RENEW_MS).unref(), setInterval(() => deps.spending.sweep(), SWEEP_MS).unref()]
    deps.spending.onBack(() => this.keepAll())
    // A store that restarted has lost what running requests hold, whether or not a call met it away.
    deps.kv.onReturn(() => this.keepAll())
  }

  /** Follows the counters that other instances build. */
  async start(): Promise<void> {
    const { kv, spending, logger } = this.deps
    if (kv.kind !== 'redis') return
    try {
      this.#unsubscribe = await kv.subscribe(BUILT_CHANNEL, (subject) => {
        spending.ensure(subject)
        this.keepAll(subject)
      })
    }
    catch (error) {
      logger.warn({ err: error }, 'counters that other instances build are only looked at every second')
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#unsubscribe?.()
  }

  /** Claims what the request needs. Throws RelayError `cost_limit`, `rate_limit`, `key_concurrency`, or `busy` when the books can't be read. */
  async enter({ wanted, refuse }: Demand, context: AdmitContext, request: { id: string, model: string, bodyBytes: number }): Promise<Hold> {
    const { kv, spending, estimates, clock, timeZone } = this.deps
    const { key, owner, group } = context.principal
    const { rate = null, places = null, caps = null } = wanted
    const estimate = caps ? estimates.of(key.id, request.model, request.bodyBytes, group?.multiplierBp ?? 10_000) : 0
    const subject = keySubject(key.id)
    for (let tries = 0; tries < TRIES; tries++) {
      const answer = await kv.claims.take({ subject, token: request.id, ttlMs: LEASE_MS, rate, places, caps, estimate, spans: spansOf(clock.now(), timeZone) })
      if (caps) spending.heard(subject, answer.local)
      if (answer.result === 'absent') {
        await this.#build(subject, answer.ticket, owner.locale)
        continue
      }
      if (answer.result !== 'taken') throw refuse(answer, timeZone)
      return this.#hold({ subject, token: request.id, estimate }, caps || places !== null, key.id, request.model)
    }
    throw unknownCost(owner.locale)
  }

  /** Prolongs all reservations, or one subject's. */
  keepAll(subject?: string): void {
    for (const { subject: of, token, estimate } of this.#running) {
      if (subject !== undefined && of !== subject) continue
      this.deps.kv.claims.keep(of, token, { ttlMs: LEASE_MS, estimate }).catch((error: unknown) => this.deps.logger.warn({ err: error }, 'a reservation could not be prolonged'))
    }
  }

  async #build(subject: string, ticket: string, locale: string | null): Promise<void> {
    try {
      await this.deps.spending.build(subject, ticket)
    }
    catch (error) {
      this.deps.logger.error({ err: error, subject }, 'what a key has used cannot be read: request refused')
      throw unknownCost(locale, error)
    }
  }

  #hold(running: Running, isHeld: unknown, keyId: string, model: string): Hold {
    if (isHeld) this.#running.add(running)
    return {
      end: () => {
        if (this.#running.delete(running)) this.deps.spending.ended(running.subject, running.token)
      },
      learn: billedNano => this.deps.estimates.learn(keyId, model, billedNano),
    }
  }
}

const unknownCost = (locale: string | null, cause?: unknown): RelayError => new RelayError('busy', say(locale, 'costUnknown'), { retryAfterSeconds: 5, cause })
