import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the token endpoint was asked. */
export type TokenRequest = Record<string, string>

export interface TokenAnswer {
  status: number
  body: unknown
}

/** A sign-in server on loopback that keeps the rules of RFC 6749 and 7636: codes and refresh tokens work once. */
export interface OAuthServer {
  url: string
  requests: TokenRequest[]
  /** Seconds that access tokens live. */
  lifetime: number
  /** Allows the access as a person at that page would; gives what the page then shows. */
  allow(authorizeUrl: string): { code: string, state: string, shown: string, callback: string }
  /** A pair that is good now. */
  issue(): { accessToken: string, refreshToken: string }
  /** Is it the newest access token of a sign-in? */
  accepts(accessToken: string): boolean
  /** Called before a token request is answered; an answer given here is sent instead. `sent`: after the last byte left. */
  before: ((request: TokenRequest) => Promise<TokenAnswer | undefined> | TokenAnswer | undefined) | null
  sent: ((request: TokenRequest) => void) | null
  close(): Promise<void>
}

interface Allowed { challenge: string, redirectUri: string, clientId: string, state: string }

const refused = (description: string): TokenAnswer => ({ status: 400, body: { error: 'invalid_grant', error_description: description } })

export async function startOAuth(): Promise<OAuthServer> {
  const codes = new Map<string, Allowed>()
  /** Refresh token → the access token that was given with it. */
  const grants = new Map<string, string>()
  const valid = new Set<string>()

  function issue(): { accessToken: string, refreshToken: string } {
    const accessToken = `sk-ant-oat01-${randomBytes(12).toString('hex')}`
    const refreshToken = `sk-ant-ort01-${randomBytes(12).toString('hex')}`
    grants.set(refreshToken, accessToken)
    valid.add(accessToken)
    return { accessToken, refreshToken }
  }
  function tokens(): TokenAnswer {
    const { accessToken, refreshToken } = issue()
    return { status: 200, body: { token_type: 'Bearer', access_token: accessToken, refresh_token: refreshToken, expires_in: server.lifetime, scope: 'user:profile user:inference' } }
  }
  function answer(request: TokenRequest): TokenAnswer {
    if (request.grant_type === 'refresh_token') {
      const old = grants.get(request.refresh_token ?? '')
      if (!old) return refused('Refresh token not found or invalid')
      grants.delete(request.refresh_token!)
      valid.delete(old)
      return tokens()
    }
    const allowed = codes.get(request.code ?? '')
    codes.delete(request.code ?? '')
    const challenge = createHash('sha256').update(request.code_verifier ?? '').digest('base64url')
    if (!allowed) return refused('Invalid code')
    const sound = allowed.challenge === challenge && allowed.redirectUri === request.redirect_uri && allowed.clientId === request.client_id && allowed.state === request.state
    return sound ? tokens() : refused('Invalid code_verifier')
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    if (req.method !== 'POST' || req.url !== '/v1/oauth/token') {
      res.writeHead(404).end()
      return
    }
    const request = JSON.parse(Buffer.concat(chunks).toString()) as TokenRequest
    server.requests.push(request)
    const given = await server.before?.(request) ?? answer(request)
    const body = JSON.stringify(given.body)
    res.writeHead(given.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    res.end(body, () => server.sent?.(request))
  }

  const http = createServer((req, res) => void serve(req, res).catch(() => res.destroy()))
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const server: OAuthServer = {
    url, requests: [], lifetime: 28_800, before: null, sent: null, issue,
    accepts: token => valid.has(token),
    allow(authorizeUrl) {
      const { searchParams: query, origin, pathname } = new URL(authorizeUrl)
      if (origin !== url || pathname !== '/oauth/authorize') throw new Error(`the link leads to ${origin}${pathname}`)
      if (query.get('response_type') !== 'code' || query.get('code_challenge_method') !== 'S256') throw new Error('the link asks for something else than a code with PKCE')
      const [state, redirectUri] = [query.get('state') ?? '', query.get('redirect_uri') ?? '']
      const code = randomBytes(16).toString('base64url')
      codes.set(code, { challenge: query.get('code_challenge') ?? '', redirectUri, clientId: query.get('client_id') ?? '', state })
      return { code, state, shown: `${code}#${state}`, callback: `${redirectUri}?code=${code}&state=${state}` }
    },
    async close() {
      const closed = once(http, 'close')
      http.close()
      http.closeAllConnections()
      await closed
    },
  }
  return server
}
