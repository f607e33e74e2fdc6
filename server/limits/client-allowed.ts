import { z } from 'zod'
import { RelayError } from '../relay/errors'
import { say } from '../relay/messages'
import { defineLimit } from './limit'

/** Names under which Claude Code introduces itself. */
const CLAUDE_CODE = ['claude-cli', 'claude-code']

/** The client's product name (before the slash of its User-Agent) is on the key's list; an empty list allows all. */
export default defineLimit({
  id: 'client-allowed',
  label: 'limits.clientAllowed',
  phase: 'key',
  settings: key => key.clients.length > 0 ? key.clients : undefined,
  schema: z.array(z.string().min(1)),
  form: [{ name: 'clients', kind: 'lines', label: 'limits.clientAllowed', help: 'limits.clientAllowedHelp', placeholder: 'claude-code' }],
  check({ principal: { owner }, userAgent }, clients) {
    const product = (userAgent ?? '').split('/', 1)[0]!.trim().toLowerCase()
    const allowed = clients.flatMap(name => name.toLowerCase() === 'claude-code' ? CLAUDE_CODE : name.toLowerCase())
    return allowed.includes(product) ? null : new RelayError('client_denied', say(owner.locale, 'clientDenied', { allowed: clients.join(', ') }))
  },
})
