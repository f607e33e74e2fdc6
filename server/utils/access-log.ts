import { getRequestHeader, type H3Event } from 'h3'
import { newId } from '#server/lib/id'
import { useRuntime } from '#server/runtime'
import { clientIpOf } from './peer'
import { isSafeMethod } from './methods'

/** Strangers cannot fill the table: so many rows a minute are kept of requests without a session. */
const MAX_STRANGER_ROWS = 120
let minute = 0
let strangerRows = 0

/** Once the answer is out: a line and a row for each write and each failure of the API. Paths only, queries may hold secrets. */
export function logAccess(event: H3Event): void {
  const { clock } = useRuntime()
  const startedAt = clock.now()
  const ip = clientIpOf(event)
  // Without an address it is a page asking for its own data; its visitor made no call.
  if (ip === null) return
  const path = (event.path.split('?')[0] ?? '').slice(0, 500)
  event.node.res.once('close', () => {
    const { statusCode: status } = event.node.res
    if (isSafeMethod(event.method) && status < 400) return
    const { requestId, auth, errorCode } = event.context
    write({ requestId, method: event.method, path, status, durationMs: clock.now() - startedAt, ip, userId: auth?.user.id ?? null, errorCode: errorCode ?? null }, getRequestHeader(event, 'user-agent'))
  })
}

interface Access {
  requestId?: string
  method: string
  path: string
  status: number
  durationMs: number
  ip: string | null
  userId: string | null
  errorCode: string | null
}

function write({ requestId, ...access }: Access, userAgent: string | undefined): void {
  const { logger, accessRows, clock } = useRuntime()
  logger.info({ requestId, ...access }, 'api')
  if (access.userId === null && !mayKeep(clock.now())) return
  accessRows.add({ id: newId(), createdAt: clock.now(), ...access, userAgent: userAgent?.slice(0, 255) ?? null })
}

function mayKeep(now: number): boolean {
  const current = Math.floor(now / 60_000)
  if (current !== minute) {
    minute = current
    strangerRows = 0
  }
  strangerRows += 1
  return strangerRows <= MAX_STRANGER_ROWS
}
