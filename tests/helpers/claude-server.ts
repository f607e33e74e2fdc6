import type { AccountView, SignInView } from '#shared/types/api'
import type { ApiClient } from './api'
import type { OAuthServer } from './oauth'
import type { Upstream } from './upstream'
import { status } from './upstream/behaviours'

/** Signs an official account in as a person would, by link and code. */
export async function signIn(api: ApiClient, oauth: OAuthServer, account: Record<string, unknown> = {}): Promise<AccountView> {
  const { flowId, url } = await api.ok<SignInView>('POST', '/api/accounts/oauth/start', {})
  return await api.ok<AccountView>('POST', '/api/accounts/oauth/finish', { flowId, code: oauth.allow(url).shown, account: { name: 'official', ...account } })
}

export const bearerOf = ({ headers }: { headers: { authorization?: string } }): string => headers.authorization?.replace(/^Bearer /, '') ?? ''

/** Makes the upstream take tokens that the sign-in server holds good, and no others. */
export function takeTokensOf(oauth: OAuthServer, upstream: Upstream, script: Parameters<Upstream['script']>[0]): void {
  upstream.script(request => oauth.accepts(bearerOf(request))
    ? script(request)
    : status(401, { message: 'OAuth token has expired. Please obtain a new token or refresh your existing token.' }))
}
