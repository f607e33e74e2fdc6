import type { Kv } from '../kv/kv'

const CLAIM_MS = 60_000
const SLIDING_MS = 3_600_000

/** Which account a session of a key is on. */
export interface Sticky {
  get(session: string): Promise<string | null>
  /** Claims the session for an account before its first answer; gives the account that holds it (maybe another's claim). */
  claim(session: string, accountId: string): Promise<string>
  /** The account answered: the session stays with it for an hour from now, unless it has moved to another meanwhile. */
  confirm(session: string, accountId: string): Promise<void>
  /** Ends the session's stay with the account, unless it has moved to another meanwhile. */
  drop(session: string, accountId: string): Promise<void>
}

/** Key of a session within one API key, or null without a session id. */
export const stickyKey = (keyId: string, sessionId: string | null): string | null => sessionId === null ? null : `sticky:${keyId}:${sessionId}`

export function createSticky(kv: Kv): Sticky {
  return {
    get: session => kv.get(session),
    async claim(session, accountId) {
      if (await kv.setIfAbsent(session, accountId, CLAIM_MS)) return accountId
      return await kv.get(session) ?? accountId
    },
    async confirm(session, accountId) {
      if (!await kv.setIfEqual(session, accountId, accountId, SLIDING_MS)) await kv.setIfAbsent(session, accountId, SLIDING_MS)
    },
    async drop(session, accountId) {
      await kv.deleteIfEqual(session, accountId)
    },
  }
}
