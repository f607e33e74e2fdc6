import { z } from 'zod'
import { createIpMatcher } from '../lib/client-ip'
import { RelayError } from '../relay/errors'
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
  schema: z.object({}),
  form: [],
  check({ principal: { key }, ip }) {
    if (key.ipAllow.length === 0 || matcherOf(key.ipAllow)(ip)) return null
    return new RelayError('ip_denied', `This API key may not be used from ${ip || 'this address'}. Ask its owner to allow the address.`)
  },
})
