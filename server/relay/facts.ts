import type { OpenedRequest } from '#shared/types/log'
import type { Principal } from '../keys/principal'
import type { Exchange } from './exchange'

const MAX = 128

const header = ({ req }: Exchange, name: string): string | null => {
  const value = req.headers[name]
  return (Array.isArray(value) ? value[0] : value)?.slice(0, MAX) || null
}

/** Session id that the client names in a header. */
export const sessionHeader = (exchange: Exchange): string | null => header(exchange, 'x-claude-code-session-id')

/** What is known of a message request before its body is read; model, stream and session follow from the body. */
export const openRequest = (exchange: Exchange, { key, owner, group }: Principal): OpenedRequest => ({
  requestId: exchange.requestId,
  startedAt: exchange.startedAt,
  userId: owner.id,
  userName: owner.username,
  apiKeyId: key.id,
  keyName: key.name,
  groupId: group?.id ?? null,
  groupName: group?.name ?? null,
  accountId: null,
  accountName: null,
  platform: null,
  model: null,
  stream: false,
  clientVersion: header(exchange, 'user-agent'),
  sessionId: sessionHeader(exchange),
  agentId: header(exchange, 'x-claude-code-agent-id'),
  ip: exchange.ip,
})
