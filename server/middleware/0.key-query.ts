import { defineEventHandler, getRequestHeader, readRawBody, sendRedirect, setResponseHeaders, type H3Event } from 'h3'
import type { Asked } from '#server/key-query/service'
import { useRuntime } from '#server/runtime'
import { KEY_QUERY_PATH, writeTicket } from '../utils/key-ticket'
import { clientIpOf } from '../utils/peer'
import { apiPolicy } from '../utils/policy'

const MAX_FORM_BYTES = 4_096

/**
 * Takes the key, or a link's token, out of the address or the form of the key query page and leads to the bare page with a
 * cookie. Comes before all else, so that the key is in no log, no page and no later address.
 */
export default defineEventHandler(async (event) => {
  const mark = event.path.indexOf('?')
  if (!isKeyQueryPath(mark < 0 ? event.path : event.path.slice(0, mark))) return
  setResponseHeaders(event, { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex' })
  const given = event.method === 'POST' ? await readForm(event) : new URLSearchParams(mark < 0 ? '' : event.path.slice(mark))
  const asked = askedOf(given)
  if (asked) writeTicket(event, await useRuntime().services.keyQuery.ticketFor(asked, clientIpOf(event)))
  else if (event.method !== 'POST') return
  else writeTicket(event, null)
  setResponseHeaders(event, { 'content-security-policy': apiPolicy, 'x-content-type-options': 'nosniff' })
  return sendRedirect(event, KEY_QUERY_PATH, 303)
})

/** As the pages' router reads it: whatever the case, with or without a slash at the end. */
function isKeyQueryPath(path: string): boolean {
  if (path === KEY_QUERY_PATH) return true
  if (!/^\/+(?:s|%[57]3)/i.test(path)) return false
  try {
    return decodeURIComponent(path).toLowerCase().replace(/\/+/g, '/').replace(/\/$/, '') === KEY_QUERY_PATH
  }
  catch {
    return false
  }
}

function askedOf(given: URLSearchParams): Asked | null {
  const [key, shareToken] = [given.get('api_key'), given.get('share')]
  if (key !== null) return { key: key.trim() }
  return shareToken === null ? null : { shareToken: shareToken.trim() }
}

/** A form that is too large is as good as an empty one. */
async function readForm(event: H3Event): Promise<URLSearchParams> {
  const length = Number(getRequestHeader(event, 'content-length') ?? Number.NaN)
  return new URLSearchParams(length <= MAX_FORM_BYTES ? await readRawBody(event) ?? '' : '')
}
