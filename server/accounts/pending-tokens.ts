import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Logger } from '../lib/logger'

const pairSchema = z.strictObject({
  accountId: z.string().regex(/^[\w-]{1,40}$/),
  /** Generation of the credentials that these replace. */
  base: z.int().min(0),
  /** Their own. */
  generation: z.int().min(1),
  /** Sealed as the account's column is. */
  credentials: z.string().min(1),
  credentialsHint: z.string().nullable(),
  /** Epoch-ms. */
  tokenExpiresAt: z.int().nullable(),
})

/** Renewed credentials on their way into the database. */
export type TokenPair = z.output<typeof pairSchema>

/**
 * Renewed credentials that the database does not hold yet, one file of mode 0600 each: a renewal makes the old ones worthless,
 * so neither the end of the process nor a database that is away may lose the new ones.
 */
export interface PendingTokens {
  /** On the disk when it returns. Throws when that cannot be. */
  keep(pair: TokenPair): void
  of(accountId: string): TokenPair | undefined
  all(): TokenPair[]
  /** They are stored, or of no use any more. */
  drop(pair: TokenPair): void
}

/** Opens the directory (made when absent) and takes in what an earlier process left there. */
export function openPendingTokens({ dir, logger }: { dir: string, logger: Logger }): PendingTokens {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const waiting = new Map<string, TokenPair>()
  const fileOf = (accountId: string): string => join(dir, `${accountId}.json`)

  for (const name of readdirSync(dir)) {
    // A draft was never whole: its renewal was not used.
    if (!name.endsWith('.json')) {
      rmSync(join(dir, name))
      continue
    }
    try {
      const pair = pairSchema.parse(JSON.parse(readFileSync(join(dir, name), 'utf8')))
      waiting.set(pair.accountId, pair)
    }
    catch (error) {
      logger.error({ err: error, file: name }, 'renewed credentials of an account cannot be read; the file stays')
    }
  }

  return {
    keep(pair) {
      const draft = `${fileOf(pair.accountId)}.draft`
      const file = openSync(draft, 'w', 0o600)
      try {
        writeSync(file, JSON.stringify(pair))
        fsyncSync(file)
      }
      finally {
        closeSync(file)
      }
      renameSync(draft, fileOf(pair.accountId))
      waiting.set(pair.accountId, pair)
    },
    of: accountId => waiting.get(accountId),
    all: () => [...waiting.values()],
    drop(pair) {
      if (waiting.get(pair.accountId) !== pair) return
      rmSync(fileOf(pair.accountId), { force: true })
      waiting.delete(pair.accountId)
    },
  }
}
