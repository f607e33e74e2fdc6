import type { AccountView, KeyWithSecret } from '#shared/types/api'
import type { ApiClient } from './api'
import type { Outgoing } from './http'
import { smallBody } from './relay'
import { startServer, type TestServer } from './server'
import { startUpstream, type Upstream } from './upstream'

/** A relay over several accounts, each with an upstream of its own; tried in order of their number. */
export interface PoolServer {
  server: TestServer
  api: ApiClient
  upstreams: Upstream[]
  accounts: AccountView[]
  key: KeyWithSecret
  ask(body?: Record<string, unknown>, headers?: Record<string, string>): Outgoing
  /** Every account back to normal. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function startPoolServer(size: number, env: Record<string, string> = {}): Promise<PoolServer> {
  const upstreams = await Promise.all(Array.from({ length: size }, () => startUpstream()))
  const server = await startServer(env)
  const api = await server.login()
  const accounts: AccountView[] = []
  for (const [i, upstream] of upstreams.entries()) {
    accounts.push(await api.addAccount({ name: `account ${i}`, baseUrl: upstream.url, credentials: { apiKey: `secret-of-account-${i}` }, priority: i + 1 }))
  }
  const key = await api.addKey({ name: 'pool key' })
  return {
    server, api, upstreams, accounts, key,
    ask: (body = {}, headers = {}) => ({
      url: `${server.relay}/v1/messages`,
      headers: { 'content-type': 'application/json', 'authorization': `Bearer ${key.key}`, 'anthropic-version': '2023-06-01', ...headers },
      body: smallBody(body),
    }),
    async reset() {
      await Promise.all(accounts.map(({ id }) => api.ok('POST', `/api/accounts/${id}/reset-state`)))
    },
    async close() {
      await server.remove()
      await Promise.all(upstreams.map(upstream => upstream.close()))
    },
  }
}
