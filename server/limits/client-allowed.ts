import { z } from 'zod'
import { RelayError } from '../relay/errors'
import { defineLimit } from './limit'

/** Names under which Claude Code introduces itself. */
const CLAUDE_CODE = ['claude-cli', 'claude-code']

/** The client's product name (before the slash of its User-Agent) is on the key's list; an empty list allows all. */
export default defineLimit({
  id: 'client-allowed',
  label: 'limits.clientAllowed',
  phase: 'key',
  schema: z.object({}),
  form: [],
  check({ principal: { key }, userAgent }) {
    if (key.clients.length === 0) return null
    const product = (userAgent ?? '').split('/', 1)[0]!.trim().toLowerCase()
    const allowed = key.clients.flatMap(name => name.toLowerCase() === 'claude-code' ? CLAUDE_CODE : name.toLowerCase())
    if (allowed.includes(product)) return null
    return new RelayError('client_denied', `This API key may only be used with: ${key.clients.join(', ')}.`)
  },
})
