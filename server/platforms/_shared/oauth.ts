import type { UpstreamRequest } from '../platform'

/** Where and as whom the relay signs accounts in. */
export interface OAuthEndpoints {
  authorizeUrl: string
  tokenUrl: string
  redirectUri: string
  clientId: string
}

type Credentials = Record<string, unknown>

/** What a token endpoint said. `evidence` is short and holds no secret. */
export type TokenReply
  = | { kind: 'tokens', credentials: Credentials }
  /** The code or refresh token is no longer good: only a person can help. */
    | { kind: 'refused', evidence: string }
  /** A hiccup: it may work later. */
    | { kind: 'failed', evidence: string }

/** How credentials of a platform are got and renewed by OAuth 2. All pure. */
export interface OAuth {
  /** The page where a person allows the access and is given a code. */
  authorizeUrl(endpoints: OAuthEndpoints, flow: { state: string, challenge: string }): string
  exchange(endpoints: OAuthEndpoints, given: { code: string, state: string, verifier: string }): UpstreamRequest
  /** Null: these credentials can't be renewed. */
  refresh(endpoints: OAuthEndpoints, credentials: Credentials): UpstreamRequest | null
  /** `before`: the credentials that were renewed, null after a sign-in. `now` in epoch-ms. */
  read(answer: { status: number, body: Buffer }, now: number, before: Credentials | null): TokenReply
  /** When the access token runs out, epoch-ms, or null when that is not known. */
  expiresAt(credentials: Credentials): number | null
}
