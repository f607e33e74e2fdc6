import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '#server/db/client'
import { migrationsOf, sqliteWorkerUrl } from '../helpers/store'

// Two writers on one SQLite file would each hold the truth in memory; a lock that outlives its process would need a person.
describe('SQLite file', () => {
  let folder: string
  let sqliteFile: string
  let workerUrl: URL
  const children: ChildProcess[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relay-lock-'))
    sqliteFile = join(folder, 'relay.db')
    workerUrl = await sqliteWorkerUrl()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  const open = (file = sqliteFile) => openStore({ mysqlUrl: null, sqliteFile: file, workerUrl })

  async function openMigrated(url = workerUrl) {
    const store = await openStore({ mysqlUrl: null, sqliteFile, workerUrl: url })
    await store.migrate(await migrationsOf('sqlite'))
    return store
  }

  /** Another process that has the file open, writing without a pause when `sql` is given. */
  async function holder(sql?: string): Promise<ChildProcess> {
    const script = `
      import { Worker } from 'node:worker_threads'
      const worker = new Worker(new URL(${JSON.stringify(workerUrl.href)}), { workerData: { file: ${JSON.stringify(sqliteFile)}, role: 'writer' }, execArgv: [] })
      let id = 0
      worker.on('message', reply => {
        if (id === 0) console.log(JSON.stringify(reply))
        id++
        const sql = ${JSON.stringify(sql ?? '')}
        if (sql) worker.postMessage({ id, statements: ['begin immediate', sql, sql, 'commit'].map(text => ({ sql: text, params: [], method: 'run' })) })
        if (id === 20) console.log('busy')
      })`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    let said = ''
    for await (const chunk of child.stdout) {
      said += String(chunk)
      if (said.includes(sql ? 'busy' : 'ready')) break
    }
    expect(said).toContain('"ready":true')
    return child
  }

  it('is refused while another process has it, and opens again after a kill -9', async () => {
    const child = await holder()
    await expect(open()).rejects.toMatchObject({ name: 'StoreError', kind: 'in_use', message: expect.stringContaining('in use by another process') as unknown })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const store = await open()
    await store.ping()
    await store.close()
  })

  it('is refused a second time in one process, also under another name', async () => {
    const store = await open()
    const link = join(folder, 'link.db')
    await symlink(sqliteFile, link)
    await expect(open()).rejects.toMatchObject({ kind: 'in_use' })
    await expect(open(link)).rejects.toMatchObject({ kind: 'in_use' })
    await store.ping()
    await store.close()
    const again = await open()
    await again.close()
  })

  it('holds whole transactions only after a kill -9 in the middle of writing', async () => {
    const store = await openMigrated()
    await store.close()
    const child = await holder('insert into changes (id, at, kind, ref_id) values (hex(randomblob(16)), 1, \'user\', \'x\')')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const reopened = await openMigrated()
    const count = await reopened.db.$count(reopened.tables.changes)
    expect(count).toBeGreaterThan(0)
    expect(count % 2).toBe(0)
    await reopened.close()
  })

  it('is readable by its owner only', async () => {
    const store = await openMigrated()
    const modes = await Promise.all([sqliteFile, `${sqliteFile}-wal`].map(async file => (await stat(file)).mode & 0o777))
    expect(modes).toEqual([0o600, 0o600])
    await store.close()
  })

  it('rejects what is pending, and all that follows, when its thread ends', async () => {
    const fragile = join(fileURLToPath(new URL('../.tmp/', import.meta.url)), `fragile-${process.pid}.mjs`)
    await writeFile(fragile, `
      import { parentPort } from 'node:worker_threads'
      parentPort.on('message', ({ statements = [] }) => { if (statements.some(each => each.params.includes('die'))) process.exit(3) })
      await import(${JSON.stringify(workerUrl.href)})`)
    const store = await openMigrated(pathToFileURL(fragile))
    const { settings } = store.tables
    await store.db.insert(settings).values({ key: 'kept', value: '1', updatedAt: 1 })
    const inTransaction = store.tx(async (db) => {
      await db.insert(settings).values({ key: 'lost', value: '1', updatedAt: 1 })
      await db.select().from(settings).where(eq(settings.key, 'die'))
    })
    const waiting = Promise.resolve(store.db.select().from(settings))
    const ends = await Promise.allSettled([inTransaction, waiting])
    for (const end of ends) expect(end).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', kind: 'unavailable' } })
    await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable' })
    await store.close()
    const child = await holder()
    child.kill('SIGKILL')
    await once(child, 'exit')
    await rm(fragile)
  })

  it('finishes what was asked before a close and refuses what comes after', async () => {
    const store = await openMigrated()
    const { settings } = store.tables
    const writes = Array.from({ length: 50 }, (_, i) => Promise.resolve(store.db.insert(settings).values({ key: `k${i}`, value: '1', updatedAt: 1 })))
    await Promise.all(writes.slice(0, 1))
    await store.close()
    await Promise.all(writes)
    await expect(store.db.select().from(settings)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })

  it('is refused with the path in the message when it is no database or lies nowhere', async () => {
    await writeFile(sqliteFile, 'this is not a database, but long enough to look like a file of one hundred bytes or so, padding, padding')
    await expect(open()).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable', message: expect.stringContaining(sqliteFile) as unknown })
    await expect(open(join(sqliteFile, 'below', 'a-file.db'))).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' })
  })
})
