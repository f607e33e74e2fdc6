import { z } from 'zod'
import type { Clock } from '../lib/clock'
import { SealError, type Sealer } from '../lib/seal'

export const TICKET_MS = 10 * 60_000
/** For how long a refusal is told. */
const REFUSED_MS = 60_000

/** Why the last key or link was not accepted; `until` (epoch-ms): until when none is looked up. */
const refusal = z.object({ refused: z.enum(['key', 'share', 'throttled', 'failed']), until: z.number() })
/** `mark`: begins the hash of the key's value, so that a new value ends what the old one opened. */
const byKey = z.object({ keyId: z.string(), mark: z.string() })
const byShare = z.object({ shareId: z.string() })
const sealed = z.object({ expiresAt: z.number(), what: z.union([byKey, byShare, refusal]) })

export type Refusal = z.output<typeof refusal>
/** What a visitor may look at. */
export type Pass = z.output<typeof byKey> | z.output<typeof byShare>

const CONTEXT = 'key-query'

/**
 * The cookie of the key query page: what a visitor may look at for ten minutes, or what was wrong with the last try, sealed.
 * It holds neither key nor token.
 */
export function createTickets({ sealer, clock }: { sealer: Sealer, clock: Clock }) {
  const seal = (what: Pass | Refusal, lifeMs: number) => ({
    value: sealer.seal(JSON.stringify({ expiresAt: clock.now() + lifeMs, what }), CONTEXT),
    maxAgeMs: lifeMs,
  })
  return {
    pass: (pass: Pass) => seal(pass, TICKET_MS),
    refusal: (of: Refusal) => seal(of, Math.min(TICKET_MS, Math.max(REFUSED_MS, of.until - clock.now()))),
    /** Null for what has run out, was sealed elsewhere, or is no ticket at all. */
    read(value: string | undefined): Pass | Refusal | null {
      if (!value) return null
      try {
        const { expiresAt, what } = sealed.parse(JSON.parse(sealer.open(value, CONTEXT)))
        return expiresAt > clock.now() ? what : null
      }
      catch (error) {
        if (error instanceof SealError) return null
        throw error
      }
    },
  }
}

export type Ticket = ReturnType<ReturnType<typeof createTickets>['pass']>
