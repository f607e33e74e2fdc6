import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from './config'
import { openStore, StoreError } from './db/client'
import { createRepos } from './db/repos/index'
import { systemClock } from './lib/clock'
import { createAudit } from './users/audit'
import { resetAdmin } from './users/reset-admin'

/** A program of its own beside the server: prints a new password of an admin. Its first argument may name the admin. */
async function main(): Promise<void> {
  const config = readConfig(process.env)
  const sqliteFile = join(config.dataDir, 'relay.db')
  if (config.mysqlUrl === null && !existsSync(sqliteFile)) throw new Error(`There is no database in ${config.dataDir} yet: start the relay once, it prints the password of its first admin.`)
  const store = await openStore({ mysqlUrl: config.mysqlUrl, sqliteFile, workerUrl: new URL('./sqlite-worker.mjs', import.meta.url) })
  try {
    const repos = createRepos(store)
    const wanted = process.argv[2]
    const reset = await resetAdmin({ repos, clock: systemClock, config, audit: createAudit({ repos, clock: systemClock }) }, wanted)
    if (!reset) throw new Error(`There is no admin ${wanted ?? ''}.`)
    const lines = [`  User name: ${reset.username}`, `  Password:  ${reset.password}   (shown once; you will be asked for a new one)`]
    process.stdout.write(`${reset.made ? 'There was no admin; this one is new.' : 'The admin has a new password, and all their sessions have ended.'}\n\n${lines.join('\n')}\n`)
  }
  finally {
    await store.close()
  }
}

main().catch((error: unknown) => {
  const hint = error instanceof StoreError && error.kind === 'in_use' ? ' Stop the relay first.' : ''
  console.error(`${error instanceof Error ? error.message : String(error)}${hint}`)
  process.exit(1)
})
