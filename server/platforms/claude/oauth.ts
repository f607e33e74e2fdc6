import { z } from 'zod'
import type { OAuth, TokenReply } from '../_shared/oauth'
import type { UpstreamRequest } from '../platform'

const SCOPES = 'org:create_api_key user:profile user:inference'
const MAX_EVIDENCE = 200

/** Visible ASCII: it goes into a header. */
const token = z.string().trim().min(1).max(4000).regex(/^[\x21-\x7e]+$/)

/** What an official account keeps secret: tokens of a sign-in, pasted ones, or a setup token (`sk-ant-oat…`) alone. */
export const claudeCredentials = z.strictObject({
  accessToken: token,
  refreshToken: token.optional(),
  /** Epoch-ms; absent: unknown. */
  expiresAt: z.int().min(0).optional(),
})

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  /** Absent: the one before stays good. */
  refresh_token: z.string().min(1).optional(),
  /** Seconds. */
  expires_in: z.number().positive().optional(),
})

const refusal = z.object({
  error: z.union([z.string(), z.object({ type: z.string(), message: z.string() }).partial()]),
  error_description: z.string().optional(),
})

/** Statuses that may be a word on the tokens themselves, when the endpoint gives a reason; a page of some proxy gives none. */
const REFUSING = new Set([400, 401, 403])
const PASSING = new Set(['temporarily_unavailable', 'server_error', 'rate_limit_error', 'overloaded_error', 'api_error', 'timeout_error'])

/** Authorisation code with PKCE (RFC 7636, S256) and refresh tokens (RFC 6749 §6) of the official API. */
export const claudeOAuth: OAuth = {
  authorizeUrl({ authorizeUrl, clientId, redirectUri }, { state, challenge }) {
    const url = new URL(authorizeUrl)
    // `code=true`: the page at the redirect address shows the code to be copied.
    const query = { code: 'true', client_id: clientId, response_type: 'code', redirect_uri: redirectUri, scope: SCOPES, code_challenge: challenge, code_challenge_method: 'S256', state }
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    return url.href
  },
  exchange: ({ tokenUrl, clientId, redirectUri }, { code, state, verifier }) =>
    post(tokenUrl, { grant_type: 'authorization_code', code, state, client_id: clientId, redirect_uri: redirectUri, code_verifier: verifier }),
  refresh({ tokenUrl, clientId }, { refreshToken }) {
    return typeof refreshToken === 'string' ? post(tokenUrl, { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId }) : null
  },
  read: ({ status, body }, now, before) => status === 200 ? readTokens(body, now, before) : readRefusal(status, body),
  expiresAt: ({ expiresAt }) => typeof expiresAt === 'number' ? expiresAt : null,
}

function post(url: string, body: Record<string, string>): UpstreamRequest {
  const { origin, pathname, search } = new URL(url)
  return {
    origin,
    path: `${pathname}${search}`,
    method: 'POST',
    headers: ['content-type', 'application/json', 'accept', 'application/json', 'user-agent', 'claude-code-relay'],
    body: Buffer.from(JSON.stringify(body)),
  }
}

/** The end is reckoned from our own clock and the stated lifetime, so that no other clock matters. */
function readTokens(body: Buffer, now: number, before: Record<string, unknown> | null): TokenReply {
  const parsed = tokenAnswer.safeParse(json(body))
  if (!parsed.success) return { kind: 'failed', evidence: 'The token endpoint answered something else than tokens.' }
  const { access_token: accessToken, refresh_token: refreshToken = before?.refreshToken, expires_in: seconds } = parsed.data
  const credentials = claudeCredentials.safeParse({
    accessToken,
    ...refreshToken === undefined ? {} : { refreshToken },
    ...seconds === undefined ? {} : { expiresAt: now + Math.round(seconds * 1000) },
  })
  return credentials.success ? { kind: 'tokens', credentials: credentials.data } : { kind: 'failed', evidence: 'The token endpoint answered tokens of another form.' }
}

function readRefusal(status: number, body: Buffer): TokenReply {
  const parsed = refusal.safeParse(json(body))
  const { error, error_description: description } = parsed.success ? parsed.data : { error: '', error_description: '' }
  const words = typeof error === 'string' ? [error, description] : [error.type, error.message]
  const evidence = `${status} ${words.filter(Boolean).join(': ')}`.trim().slice(0, MAX_EVIDENCE)
  return { kind: parsed.success && REFUSING.has(status) && !PASSING.has(words[0] ?? '') ? 'refused' : 'failed', evidence }
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  }
  catch {
    return null
  }
}
