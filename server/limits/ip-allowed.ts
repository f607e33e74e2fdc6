import { z } from 'zod'
import { createIpMatcher, isIpRange } from '../lib/client-ip'
import { RelayError } from '../relay/errors'
import { say } from '../relay/messages'
import { defineLimit } from './limit'

/** Matchers by the list they were made from: a changed key brings a new list. */
const matchers = new WeakMap<readonly string[], (ip: string) => boolean>()

function matcherOf(list: string[]): (ip: string) => boolean {
  let matcher = matchers.get(list)
  if (!matcher) matchers.set(list, matcher = createIpMatcher(list))
  return matcher
}

/** The client's address is in one of the key's ranges; an empty list allows all. */
export default defineLimit({
  id: 'ip-allowed',
  label: 'limits.ipAllowed',
  phase: 'key',
  settings: key => key.ipAllow.length > 0 ? key.ipAllow : undefined,
  schema: z.array(z.string().refine(isIpRange)),
  form: [{ name: 'ipAllow', kind: 'lines', label: 'limits.ipAllowed', help: 'limits.ipAllowedHelp', placeholder: '203.0.113.0/24' }],
  check({ principal: { owner }, ip }, ranges) {
    return matcherOf(ranges)(ip) ? null : new RelayError('ip_denied', say(owner.locale, 'ipDenied', { ip: ip || '?' }))
  },
})
