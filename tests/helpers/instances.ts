import { randomBytes } from 'node:crypto'
import type { AccountView, KeyWithSecret } from '#shared/types/api'
import type { ApiClient } from './api'
import type { Outgoing } from './http'
import { smallBody } from './relay'
import { startServer, type TestServer } from './server'
import { createDatabase, type TestDatabase } from './services'
import { startUpstream, type Upstream } from './upstream'

/** One installation of two processes over one database, with accounts that each have an upstream of their own. */
export interface Instances {
  database: TestDatabase
  servers: [TestServer, TestServer]
  /** Signed in at the first instance. */
  api: ApiClient
  upstreams: Upstream[]
  /** Tried in order of their number, unless `account` said otherwise. */
  accounts: AccountView[]
  key: KeyWithSecret
  /** A messages request to the instance of that number. */
  ask(instance: number, body?: Record<string, unknown>, headers?: Record<string, string>): Outgoing
  close(): Promise<void>
}

export interface InstancesOptions {
  upstreams?: number
  env?: Record<string, string>
  /** Merged into every account. */
  account?: Record<string, unknown>
}

/** Starts both at once on an empty database. */
export async function startInstances({ upstreams: size = 1, env = {}, account = {} }: InstancesOptions = {}): Promise<Instances> {
  const database = await createDatabase()
  const upstreams = await Promise.all(Array.from({ length: size }, () => startUpstream()))
  const shared = { DATABASE_URL: database.url, RELAY_SECRET_KEY: randomBytes(32).toString('hex'), ...env }
  const servers = await Promise.all([startServer(shared), startServer(shared)])
  const api = await servers[0].login()
  const accounts: AccountView[] = []
  for (const [i, { url }] of upstreams.entries()) accounts.push(await api.addAccount({ name: `account ${i}`, baseUrl: url, priority: i + 1, ...account }))
  const key = await api.addKey({ name: 'shared key' })
  const instances: Instances = {
    database, servers, api, upstreams, accounts, key,
    ask: (instance, body = {}, headers = {}) => ({
      url: `${servers[instance]!.relay}/v1/messages`,
      headers: { 'content-type': 'application/json', 'x-api-key': key.key, ...headers },
      body: smallBody(body),
    }),
    async close() {
      await Promise.all(servers.map(server => server.remove()))
      await Promise.all(upstreams.map(upstream => upstream.close()))
      await database.drop()
    },
  }
  return instances
}

/** Requests that hold at the upstream until they are let go; tells how many were there at once at the most. */
export function holding() {
  const held: (() => void)[] = []
  let now = 0
  let most = 0
  return {
    /** Put before the answer. */
    async enter(gone: Promise<unknown>): Promise<void> {
      most = Math.max(most, ++now)
      await Promise.race([new Promise<void>(resolve => held.push(resolve)), gone])
      now--
    },
    /** Lets the longest waiting one go. */
    next: () => held.shift()?.(),
    waiting: () => held.length,
    most: () => most,
  }
}
