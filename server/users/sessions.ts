import { randomBytes } from 'node:crypto'
import type { Language } from '#shared/utils/language'
import type { Repos } from '../db/repos/index'
import type { SessionRow } from '../db/repos/sessions'
import type { UserRow } from '../db/repos/users'
import type { Changes } from '../lib/changes'
import type { Clock } from '../lib/clock'
import { sha256Hex } from '../lib/hash'
import type { Logger } from '../lib/logger'

export const SESSION_MS = 7 * 24 * 3_600_000
/** How long another instance may still honour a session that was ended here. */
const CACHE_MS = 2_000
const SEEN_EVERY_MS = 60_000
const MAX_CACHED = 10_000

export interface Session {
  row: SessionRow
  user: UserRow
}

export interface Origin {
  ip: string | null
  userAgent: string | null
  /** Of the page, for mails to people who chose none. */
  language?: Language
}

/** Sessions are rows, so that they can be ended from the server; the cookie holds only the token. */
export function createSessions({ repos, clock, changes, logger }: { repos: Repos, clock: Clock, changes: Changes, logger: Logger }) {
  const cache = new Map<string, Session & { readAt: number }>()
  /** Counts endings: a read that overlapped one is not kept. */
  let endings = 0

  const forgetUser = (userId: string): void => {
    endings += 1
    for (const [id, cached] of cache) if (cached.user.id === userId) cache.delete(id)
  }
  changes.on('user', forgetUser)

  async function read(id: string): Promise<Session | null> {
    const cached = cache.get(id)
    if (cached && clock.now() - cached.readAt < CACHE_MS) return cached
    cache.delete(id)
    const readAt = clock.now()
    const before = endings
    const row = await repos.sessions.get(id)
    const user = row && await repos.users.get(row.userId)
    if (!user) return null
    const fresh = { row, user, readAt }
    if (cache.size >= MAX_CACHED) cache.clear()
    if (before === endings) cache.set(id, fresh)
    return fresh
  }

  async function end(id: string): Promise<void> {
    await repos.sessions.remove(id)
    endings += 1
    cache.delete(id)
  }

  return {
    /** Starts a session; the token is for the cookie and is stored as a hash only. */
    async start(userId: string, { ip, userAgent }: Origin): Promise<string> {
      const token = randomBytes(32).toString('base64url')
      const now = clock.now()
      await repos.sessions.removeExpired(now)
      await repos.sessions.insert({
        id: sha256Hex(token),
        userId,
        ip,
        userAgent: userAgent?.slice(0, 255) ?? null,
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now + SESSION_MS,
      })
      return token
    },

    /** The session of a token, or null when it ended, expired, or its user is gone or disabled. */
    async find(token: string): Promise<Session | null> {
      const session = await read(sha256Hex(token))
      const now = clock.now()
      if (!session || session.row.expiresAt <= now || !session.user.enabled) return null
      if (now - session.row.lastSeenAt >= SEEN_EVERY_MS) {
        session.row.lastSeenAt = now
        await repos.sessions.touch(session.row.id, now).catch((err: unknown) => logger.warn({ err }, 'a session\'s last use was not written'))
      }
      return session
    },

    end,

    /** Ends the session of a token, if there is one. */
    async endToken(token: string): Promise<void> {
      await end(sha256Hex(token))
    },

    /** False when the user has no such session. */
    async endOwn(userId: string, id: string): Promise<boolean> {
      const ended = await repos.sessions.removeOwn(userId, id)
      forgetUser(userId)
      return ended
    },

    /** Ends all sessions of a user. */
    async endAll(userId: string): Promise<void> {
      await repos.sessions.removeOfUser(userId)
      forgetUser(userId)
    },
  }
}

export type Sessions = ReturnType<typeof createSessions>
