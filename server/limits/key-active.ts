import { z } from 'zod'
import { RelayError } from '../relay/errors'
import { iso, say } from '../relay/messages'
import { defineLimit } from './limit'

/** The key can be read, is enabled and in time, and so are its owner and group. */
export default defineLimit({
  id: 'key-active',
  label: 'limits.keyActive',
  phase: 'key',
  settings: () => null,
  schema: z.null(),
  form: [],
  check({ principal: { key, owner, group }, now }) {
    const disabled = (text: Parameters<typeof say>[1], params = {}) => new RelayError('key_disabled', say(owner.locale, text, params))
    if (key.broken) return disabled('keyBroken', { what: key.broken })
    if (key.expiresAt !== null && key.expiresAt <= now) return new RelayError('key_expired', say(owner.locale, 'keyExpired', { at: iso(key.expiresAt) }))
    if (!key.enabled) return disabled('keyDisabled')
    if (!owner.enabled) return disabled('ownerDisabled')
    return group && !group.enabled ? disabled('groupDisabled') : null
  },
})
