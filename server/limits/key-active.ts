import { z } from 'zod'
import { RelayError } from '../relay/errors'
import { defineLimit } from './limit'

/** The key, its owner and its group are enabled, and the key has not expired. */
export default defineLimit({
  id: 'key-active',
  label: 'limits.keyActive',
  phase: 'key',
  schema: z.object({}),
  form: [],
  check({ principal: { key, owner, group }, now }) {
    if (key.expiresAt !== null && key.expiresAt <= now) return new RelayError('key_expired', `This API key expired on ${new Date(key.expiresAt).toISOString()}. Ask its owner to extend it.`)
    if (!key.enabled) return new RelayError('key_disabled', 'This API key is disabled. Ask its owner to enable it.')
    if (!owner.enabled) return new RelayError('key_disabled', 'The owner of this API key is disabled. Ask the administrator.')
    if (group && !group.enabled) return new RelayError('key_disabled', 'The group of this API key is disabled. Ask its owner to enable it.')
    return null
  },
})
