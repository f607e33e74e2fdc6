import { join } from 'node:path'
import { openStore } from '#server/db/client'
import { createRepos } from '#server/db/repos/index'
import { newId } from '#server/lib/id'
import { hashPassword } from '#server/lib/password'
import { fold } from '#server/users/fold'
import type { NewUser } from '#server/db/repos/users'
import type { TestServer } from './server'
import { sqliteWorkerUrl } from './store'

/** Puts a user into the server's SQLite file. The file takes one process at a time, so the server is stopped meanwhile. */
export async function addUserTo(server: TestServer, { username, password, ...given }: { username: string, password: string } & Partial<NewUser>): Promise<string> {
  await server.stop()
  const store = await openStore({ mysqlUrl: null, sqliteFile: join(server.dataDir, 'relay.db'), workerUrl: await sqliteWorkerUrl() })
  const id = newId()
  const at = Date.now()
  const added = await createRepos(store).users.insert({ id, username, usernameKey: fold(username), passwordHash: await hashPassword(password), role: 'user', createdAt: at, updatedAt: at, ...given })
  await store.close()
  if (!added) throw new Error(`there is a user ${username} already`)
  await server.restart()
  return id
}
