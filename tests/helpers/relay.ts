import type { AccountView, KeyWithSecret } from '#shared/types/api'
import type { ApiClient } from './api'
import type { Outgoing } from './http'
import { startServer, type TestServer } from './server'
import { startUpstream, type Upstream } from './upstream'

/** A relay with one upstream, one account that points to it, and one key. */
export interface Relay {
  server: TestServer
  api: ApiClient
  upstream: Upstream
  account: AccountView
  key: KeyWithSecret
  /** A messages request with the key; `body` is merged into a small one, or sent as it is when text or bytes. */
  ask(body?: Record<string, unknown> | string | Buffer, headers?: Record<string, string>): Outgoing
  close(): Promise<void>
}

export const upstreamSecret = 'upstream-secret-0123456789'

/** The smallest sound body of a streaming request. */
export const smallBody = (more: Record<string, unknown> = {}): string =>
  JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 32, messages: [{ role: 'user', content: 'hi' }], stream: true, ...more })

export async function startRelay(env: Record<string, string> = {}): Promise<Relay> {
  const upstream = await startUpstream()
  const server = await startServer(env)
  const api = await server.login()
  const account = await api.addAccount({ name: 'first', baseUrl: upstream.url, credentials: { apiKey: upstreamSecret } })
  const key = await api.addKey({ name: 'test key' })
  return {
    server, api, upstream, account, key,
    ask: (body = {}, headers = {}) => ({
      url: `${server.relay}/v1/messages`,
      headers: { 'content-type': 'application/json', 'authorization': `Bearer ${key.key}`, 'anthropic-version': '2023-06-01', ...headers },
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : smallBody(body),
    }),
    async close() {
      await server.remove()
      await upstream.close()
    },
  }
}
