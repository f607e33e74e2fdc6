import type { KeyStatsInput } from '#shared/schemas/share'
import type { KeyLookView, KeyQueryView } from '#shared/types/key-query'
import type { ApiKeyRow } from '../db/repos/api-keys'
import type { Repos } from '../db/repos/index'
import type { ShareLinkRow } from '../db/repos/share-links'
import { readTimeCursor } from '../db/repos/time-page'
import type { KeyDirectory } from '../keys/directory'
import { readScope } from '../keys/shares'
import type { Clock } from '../lib/clock'
import { AppError, invalidField } from '../lib/errors'
import { sha256Hex } from '../lib/hash'
import type { Logger } from '../lib/logger'
import type { Sealer } from '../lib/seal'
import type { Throttle } from '../users/throttle'
import { createTickets, type Pass, type Refusal, type Ticket } from './ticket'
import { keyQueryView } from './view'

export interface KeyQueryDeps {
  repos: Repos
  keys: Pick<KeyDirectory, 'find' | 'get' | 'throttledMs'>
  sealer: Sealer
  throttle: Throttle
  logger: Logger
  clock: Clock
  /** IANA name; decides where days begin. */
  timeZone: string
}

const MARK_LENGTH = 16
const TOUCH_MS = 60_000

/** A visitor's try to see a key by its value or by a link. */
export type Asked = { key: string } | { shareToken: string }

/** A key's use, shown to whoever has the key or a link to it, without a session. */
export function createKeyQuery({ repos, keys, sealer, throttle, logger, clock, timeZone }: KeyQueryDeps) {
  const tickets = createTickets({ sealer, clock })

  /** Counts the try before it is looked up; one that was right does not count. */
  async function passFor(asked: Asked, ip: string | null): Promise<Pass> {
    const takeBack = await throttle.enter('keyQuery', '', ip)
    const pass = 'key' in asked ? await byKey(asked.key, ip ?? '') : await byShare(asked.shareToken)
    await takeBack()
    return pass
  }

  async function byKey(key: string, ip: string): Promise<Pass> {
    const hash = sha256Hex(key)
    const principal = await keys.find(hash, ip)
    if (principal) return { keyId: principal.key.id, mark: hash.slice(0, MARK_LENGTH) }
    const waitMs = keys.throttledMs(ip)
    if (waitMs > 0) throw new AppError('rate_limited', `Too many wrong keys. Try again in ${Math.ceil(waitMs / 1000)} seconds.`, { retryAfterMs: waitMs })
    throw invalidField('key', 'errors.keyUnknown')
  }

  async function byShare(token: string): Promise<Pass> {
    const link = await repos.shareLinks.findByHash(sha256Hex(token))
    if (!await keyOf(link)) throw invalidField('shareToken', 'errors.shareUnknown')
    return { shareId: link!.id }
  }

  /** The key that a link shows, while it does. */
  async function keyOf(link: ShareLinkRow | null): Promise<ApiKeyRow | null> {
    if (!link || (link.expiresAt !== null && link.expiresAt <= clock.now())) return null
    return repos.apiKeys.get(link.keyId)
  }

  async function touch(link: ShareLinkRow): Promise<void> {
    const now = clock.now()
    if (now - (link.lastUsedAt ?? 0) >= TOUCH_MS) await repos.shareLinks.touch(link.id, now)
  }

  /** Null: the key, or the link, is no more. */
  async function see(pass: Pass, cursor: string | undefined): Promise<KeyQueryView | null> {
    if (cursor !== undefined && !readTimeCursor(cursor)) throw invalidField('cursor', 'errors.cursor')
    const share = 'shareId' in pass ? await repos.shareLinks.get(pass.shareId) : null
    const row = 'shareId' in pass ? await keyOf(share) : await repos.apiKeys.get(pass.keyId)
    if (!row || ('mark' in pass && !row.hash.startsWith(pass.mark))) return null
    if (share) await touch(share)
    const scope = share ? readScope(share) : 'calls'
    return keyQueryView(repos, { row, principal: keys.get(row.id), share, scope, cursor }, { now: clock.now(), zone: timeZone })
  }

  return {
    /**
     * The cookie for a visitor: what the try opened, or why it did not. `ip` is whose tries are counted. Never rejects: an error
     * page would tell its address, and the key with it.
     */
    async ticketFor(asked: Asked, ip: string | null): Promise<Ticket> {
      try {
        return tickets.pass(await passFor(asked, ip))
      }
      catch (error) {
        if (!(error instanceof AppError)) {
          logger.error({ err: error }, 'a key or a link could not be looked up')
          return tickets.refusal({ refused: 'failed', until: 0 })
        }
        const { retryAfterMs } = error.options
        return tickets.refusal(retryAfterMs === undefined ? { refused: 'key' in asked ? 'key' : 'share', until: 0 } : { refused: 'throttled', until: clock.now() + retryAfterMs })
      }
    },

    /** Throws `validation` for an unknown key or link, `rate_limited` after too many of them. */
    async ask({ cursor, ...asked }: KeyStatsInput, ip: string | null): Promise<KeyQueryView> {
      const view = await see(await passFor(asked, ip), cursor)
      if (!view) throw invalidField('key' in asked ? 'key' : 'shareToken', 'key' in asked ? 'errors.keyUnknown' : 'errors.shareUnknown')
      return view
    },

    /**
     * What a visitor's cookie shows. Throws `validation` for what was wrong with the last try, `rate_limited` while there were
     * too many, `internal` when it failed.
     */
    async look(ticket: string | undefined, cursor: string | undefined): Promise<KeyLookView> {
      const pass = tickets.read(ticket)
      if (pass && 'refused' in pass) throw refused(pass.refused, pass.until - clock.now())
      return { view: pass && await see(pass, cursor) }
    },
  }
}

export type KeyQuery = ReturnType<typeof createKeyQuery>

function refused(why: Refusal['refused'], waitMs: number): AppError {
  if (why === 'key') return invalidField('key', 'errors.keyUnknown')
  if (why === 'share') return invalidField('shareToken', 'errors.shareUnknown')
  if (why === 'failed') return new AppError('internal', 'It could not be looked up. Try again.')
  // Also in the body: a page that is rendered on the server hands on no headers.
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000))
  return new AppError('rate_limited', `Too many wrong keys. Try again in ${retryAfterSeconds} seconds.`, { retryAfterMs: retryAfterSeconds * 1000, details: { retryAfterSeconds } })
}
