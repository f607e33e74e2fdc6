import { defineEventHandler, setResponseHeaders } from 'h3'
import { isApiPath, isRelayPath } from '../utils/paths'
import { isHttps } from '../utils/peer'
import { apiPolicy, pagePolicy } from '../utils/policy'

/** server/plugins/csp.ts adds the hashes of a rendered page's own scripts. */
export default defineEventHandler((event) => {
  if (isRelayPath(event.path)) return
  const api = isApiPath(event.path)
  setResponseHeaders(event, {
    'content-security-policy': api ? apiPolicy : pagePolicy(),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ...api ? { 'cache-control': 'no-store' } : {},
    // Over plain http browsers ignore these two, the second with an error on the console.
    ...isHttps(event) ? { 'strict-transport-security': 'max-age=31536000', 'cross-origin-opener-policy': 'same-origin' } : {},
  })
})
