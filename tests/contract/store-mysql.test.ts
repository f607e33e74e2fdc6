import { AsyncResource } from 'node:async_hooks'
import { createServer, type Socket } from 'node:net'
import { eq, sql } from 'drizzle-orm'
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '#server/db/client'
import { dropMysql, freshMysqlUrl, migrationsOf, openTestStore, sqliteWorkerUrl, testDialects, type TestStore } from '../helpers/store'
import { poll } from '../helpers/until'

// Only what a server beyond the process can do: be away, go away, be shared, be half migrated.
describe.skipIf(!testDialects.includes('mysql'))('MySQL server', () => {
  let test: TestStore
  let admin: Connection
  beforeAll(async () => {
    test = await openTestStore('mysql')
    admin = await createConnection({ uri: test.mysqlUrl! })
  })
  afterAll(async () => {
    await admin.end()
    await test.drop()
  })

  const open = async (mysqlUrl: string) => openStore({ mysqlUrl, sqliteFile: '', workerUrl: await sqliteWorkerUrl() })

  async function endSessions(): Promise<number> {
    const [rows] = await admin.query<RowDataPacket[]>('select id from information_schema.processlist where db = database() and id <> connection_id()')
    for (const { id } of rows) await admin.query(`kill ${id}`)
    return rows.length
  }

  it('is used in strict mode, in UTC, with committed reads and its own collations', async () => {
    const { store } = test
    const [row] = await store.db.select({ mode: sql<string>`@@session.sql_mode`, zone: sql<string>`@@session.time_zone`, wait: sql<number>`@@session.innodb_lock_wait_timeout` }).from(sql`(select 1) as one`)
    expect(row).toMatchObject({ mode: expect.stringContaining('STRICT_TRANS_TABLES') as unknown, zone: '+00:00', wait: 10 })
    const [columns] = await admin.query<RowDataPacket[]>('select distinct collation_name as name from information_schema.columns where table_schema = database() and table_name <> \'applied_migrations\' and collation_name is not null order by 1')
    expect(columns.map(column => String(column.name))).toEqual(['ascii_bin', 'utf8mb4_bin'])
  })

  it('is connected to again after it ended every session', async () => {
    const { store } = test
    await store.ping()
    expect(await endSessions()).toBeGreaterThan(0)
    await poll(() => store.ping().then(() => true, () => undefined), 'a new connection')
    await store.tx(db => db.insert(store.tables.settings).values({ key: 'after', value: '1', updatedAt: 1 }))
  })

  it('fails a transaction whose session ends, keeps nothing of it, and takes the next one', async () => {
    const { store } = test
    const { settings } = store.tables
    const put = (key: string) => store.db.insert(settings).values({ key, value: '1', updatedAt: 1 })
    await expect(store.tx(async () => {
      await put('first')
      await endSessions()
      await put('second')
    })).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' })
    await poll(() => store.ping().then(() => true, () => undefined), 'a new connection')
    await store.tx(() => put('third'))
    expect((await store.db.select().from(settings)).map(row => row.key)).toEqual(['after', 'third'])
  })

  it('repeats a transaction whose deadlock was swallowed, instead of committing half of it', async () => {
    const { store } = test
    const { leases } = store.tables
    const held = ['a', 'b', 'c', 'd'].map(name => ({ name, holder: 'h', expiresAt: 0 }))
    await store.db.insert(leases).values(held)
    await admin.query('set session transaction isolation level read committed')
    await admin.query('begin')
    await admin.query('update leases set expires_at = 1')
    let tries = 0
    let inserted!: () => void
    const begun = new Promise<void>((resolve) => {
      inserted = resolve
    })
    const done = store.tx(async (db) => {
      tries++
      await db.insert(leases).values({ name: `try ${tries}`, holder: 'h', expiresAt: 0 })
      inserted()
      if (tries === 1) await db.select().from(leases).where(eq(leases.name, 'a')).catch(() => undefined)
    })
    await begun
    // The server ends the one of the two that has written less.
    await admin.query('select * from leases where name = \'try 1\' for update')
    await admin.query('rollback')
    await done
    expect((await store.db.select().from(leases)).map(row => row.name).sort()).toEqual(['a', 'b', 'c', 'd', 'try 2'])
  })

  it('keeps a left-over task of an ended transaction out of the next one on the same connection', async () => {
    const fresh = await openTestStore('mysql')
    const { store } = fresh
    const put = (key: string) => store.db.insert(store.tables.settings).values({ key, value: '1', updatedAt: 1 })
    const late = await store.tx(async () => AsyncResource.bind(async () => put('late')))
    await expect(store.tx(async () => {
      await put('inside')
      await late()
      throw new Error('undo')
    })).rejects.toThrow('undo')
    expect((await store.db.select().from(store.tables.settings)).map(row => row.key)).toEqual(['late'])
    await fresh.drop()
  })

  it('is migrated once by several processes that start together', async () => {
    const mysqlUrl = freshMysqlUrl()
    const list = await migrationsOf('mysql')
    const stores = await Promise.all([1, 2, 3].map(() => open(mysqlUrl)))
    await Promise.all(stores.map(store => store.migrate(list)))
    expect(await stores[0]!.db.$count(stores[0]!.tables.users)).toBe(0)
    await Promise.all(stores.map(store => store.close()))
    await dropMysql(mysqlUrl)
  })

  it('goes on with a migration that a crash left half done', async () => {
    const mysqlUrl = freshMysqlUrl()
    const [first] = await migrationsOf('mysql')
    const store = await open(mysqlUrl)
    const broken = { ...first!, statements: [...first!.statements.slice(0, 3), 'nonsense'] }
    await expect(store.migrate([broken])).rejects.toThrow('ER_PARSE_ERROR')
    // The fourth statement ran, but the process died before it was noted.
    await store.migrate([{ ...first!, tag: 'other', hash: 'x', statements: [first!.statements[3]!] }])
    await store.migrate([first!])
    expect(await store.db.$count(store.tables.users)).toBe(0)
    await store.close()
    await dropMysql(mysqlUrl)
  })

  it('is named, without the password, when it is away or refuses the user', async () => {
    await expect(open('mysql://root:hidden-word@127.0.0.1:1/relay')).rejects.toMatchObject({ kind: 'unavailable', message: 'The MySQL database 127.0.0.1:1/relay cannot be used: ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1' })
    const stranger = new URL(process.env.TEST_MYSQL_URL!)
    Object.assign(stranger, { username: 'nobody', password: 'hidden-word', pathname: '/relay' })
    const error: unknown = await open(stranger.href).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ kind: 'unavailable', code: 'ER_ACCESS_DENIED_ERROR' })
    expect(String(error)).not.toContain('hidden-word')
  })

  it('does not keep a start waiting for ever when it accepts connections and says nothing', async () => {
    const sockets: Socket[] = []
    const silent = createServer(socket => sockets.push(socket)).listen(0, '127.0.0.1')
    await new Promise(resolve => silent.once('listening', resolve))
    const { port } = silent.address() as { port: number }
    await expect(open(`mysql://root@127.0.0.1:${port}/relay?connectTimeout=300`)).rejects.toMatchObject({ kind: 'unavailable', code: 'ETIMEDOUT' })
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
})
