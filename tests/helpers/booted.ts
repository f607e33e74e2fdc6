import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { boot, type Runtime } from '#server/boot'
import { readConfig } from '#server/config'
import { serveRelay } from '#server/relay/front'
import type { Actor } from '#server/users/actor'
import { keyCreateSchema } from '#shared/schemas/key'
import { accountCreateSchema } from '#shared/schemas/account'
import type { AccountView, KeyWithSecret } from '#shared/types/api'
import { send, type Received } from './http'
import { smallBody } from './relay'
import { sqliteWorkerUrl } from './store'

/** Everything behind the routes with the relay's front door, in this process: nothing has to be built. */
export interface Booted {
  runtime: Runtime
  admin: Actor
  addKey(given?: Record<string, unknown>): Promise<KeyWithSecret>
  addAccount(given: { baseUrl: string } & Record<string, unknown>): Promise<AccountView>
  /** `below`: of `/v1/messages`. */
  ask(key: KeyWithSecret, body?: Record<string, unknown>, below?: string): Promise<Received>
  stop(): Promise<void>
}

const migration = async (dialect: string, path: string): Promise<string | null> => {
  const file = fileURLToPath(new URL(`../../drizzle/migrations/${dialect}/${path}`, import.meta.url))
  return existsSync(file) ? await readFile(file, 'utf8') : null
}

export async function startBooted(env: Record<string, string> = {}): Promise<Booted> {
  const dir = await mkdtemp(join(tmpdir(), 'relay-booted-'))
  const config = readConfig({ RELAY_DATA_DIR: dir, DEFAULT_ADMIN_PASSWORD: 'a-test-password', LOG_LEVEL: 'silent', ...env })
  const runtime = await boot({ config, workerUrl: await sqliteWorkerUrl(), estimateWorkerUrl: new URL('file:///no-estimates-here'), readMigration: migration })
  const server = createServer((req, res) => void serveRelay(runtime.relay, req, res))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const [user] = await runtime.repos.users.all()
  const admin: Actor = { id: user!.id, username: user!.username, role: 'admin', sharedPool: true, ip: '127.0.0.1' }
  let made = 0
  return {
    runtime, admin,
    addKey: (given = {}) => runtime.services.keys.create(admin, keyCreateSchema.parse({ name: `key ${++made}`, ...given })),
    addAccount: given => runtime.services.accounts.create(admin, accountCreateSchema.parse({ name: `account ${++made}`, platform: 'claude_console', credentials: { apiKey: 'upstream-secret' }, ...given })),
    ask: (key, body = {}, below = '') => send({
      url: `http://127.0.0.1:${port}/claude-code/v1/messages${below}`,
      headers: { 'content-type': 'application/json', 'x-api-key': key.key },
      body: smallBody({ stream: false, ...body }),
    }),
    async stop() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await runtime.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
