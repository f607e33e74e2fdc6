import { getCookie, setCookie, type H3Event } from 'h3'
import type { Ticket } from '#server/key-query/ticket'
import { isHttps } from './peer'

export const KEY_QUERY_PATH = '/stats/api-key'

const NAME = 'relay-key-query'
/** The page, and the call by which it loads more. */
const paths = [KEY_QUERY_PATH, '/api/public/key-stats']

export const readTicket = (event: H3Event): string | undefined => getCookie(event, NAME)

/** Null: forgets what was there. */
export function writeTicket(event: H3Event, ticket: Ticket | null): void {
  for (const path of paths) {
    setCookie(event, NAME, ticket?.value ?? '', { path, httpOnly: true, sameSite: 'lax', secure: isHttps(event), maxAge: ticket ? Math.ceil(ticket.maxAgeMs / 1000) : 0 })
  }
}
