import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

/** Random bytes for many ids at a time: asking the system for each would cost more than the rest of an id. */
const pool = Buffer.allocUnsafe(8_192)
let used = pool.length
let lastMs = 0
let seq = 0

function randomBytes(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.subarray(used - 16, used)
}

/** A new time-ordered id: 32 hex digits, sorted by creation within one process. */
export function newId(): string {
  const random = randomBytes()
  const now = Date.now()
  if (now > lastMs) {
    lastMs = now
    // Most of the 32 bits stays free for the ids of the same millisecond.
    seq = random.readUInt32BE(6) >>> 2
  }
  else seq++
  return v7({ random, msecs: lastMs, seq }).replaceAll('-', '')
}

/** Our own id of one relay request; never the client's. */
export const newRequestId = (): string => `req_${newId()}`
