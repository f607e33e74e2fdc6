import { createHmac, randomBytes, randomInt } from 'node:crypto'
import type { CodePurpose } from '#shared/schemas/auth'
import type { Repos } from '../db/repos/index'
import type { CodeRow } from '../db/repos/codes'
import type { Clock } from '../lib/clock'
import { invalidField } from '../lib/errors'
import { safeEqual } from '../lib/hash'
import type { Throttle } from './throttle'

export const CODE_MS = 10 * 60_000
export const MAX_ATTEMPTS = 5

export interface CodesDeps {
  repos: Pick<Repos, 'codes'>
  clock: Clock
  throttle: Throttle
  /** Hashes codes: eight digits alone would be found from a plain hash. */
  codeKey: string
}

export interface MadeCode {
  /** Goes to whoever asked. A code counts only together with it, so nobody can use up the attempts of a code that another asked for. */
  codeId: string
  /** Goes into the mail only. */
  code: string
  expiresAt: number
}

/** Eight-digit codes: ten minutes, five attempts, one use. */
export function createCodes({ repos, clock, throttle, codeKey }: CodesDeps) {
  const hashOf = (id: string, code: string): string => createHmac('sha256', codeKey).update(`${id}:${code}`).digest('hex')
  const wrong = () => invalidField('code', 'errors.codeWrong')

  return {
    /** Counts towards the caps on mail to this address and from this place. Throws `rate_limited`. */
    enter: (subject: string, ip: string | null) => throttle.enter('mail', subject, ip),

    /** Also made for an address that is nobody's, so that both cost and look the same; such a code goes to nobody. */
    async make(purpose: CodePurpose, subject: string, userId: string | null): Promise<MadeCode> {
      const codeId = randomBytes(20).toString('hex')
      const code = String(randomInt(100_000_000)).padStart(8, '0')
      const now = clock.now()
      await repos.codes.insert({ id: codeId, purpose, subject, userId, codeHash: hashOf(codeId, code), attempts: 0, createdAt: now, expiresAt: now + CODE_MS, usedAt: null })
      return { codeId, code, expiresAt: now + CODE_MS }
    },

    /** The code's row. A right code may be checked again until it is used. Throws a problem of the field `code`, or `rate_limited`. */
    async check(purpose: CodePurpose, { codeId, code }: { codeId: string, code: string }, ip: string | null): Promise<CodeRow> {
      const takeBack = await throttle.enter('code', '', ip)
      const row = await repos.codes.attempt(codeId, MAX_ATTEMPTS, clock.now())
      if (!row || row.purpose !== purpose || !safeEqual(row.codeHash, hashOf(codeId, code))) throw wrong()
      await Promise.all([takeBack(), repos.codes.takeBack(codeId)])
      return row
    },

    /** From here on the code is worth nothing. Throws like `check` when somebody else was first. */
    async use(row: CodeRow): Promise<void> {
      if (!await repos.codes.use(row.id, clock.now())) throw wrong()
    },
  }
}

export type Codes = ReturnType<typeof createCodes>
