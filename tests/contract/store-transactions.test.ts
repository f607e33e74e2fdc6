import { AsyncResource } from 'node:async_hooks'
import { asc, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Db, Store } from '#server/db/store'
import { openTestStore, testDialects, type TestStore } from '../helpers/store'

// A write that lands in somebody else's transaction, or is lost between two, is money counted wrong.
describe.each(testDialects)('transactions on %s', (dialect) => {
  let test: TestStore
  let store: Store
  beforeAll(async () => {
    test = await openTestStore(dialect)
    store = test.store
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    await store.db.delete(store.tables.groups)
    await store.db.delete(store.tables.leases)
  })

  const insertGroup = (db: Db, id: string) => db.insert(store.tables.groups).values({ id, ownerId: 'owner', name: id, createdAt: 1, updatedAt: 1 })
  const names = async () => (await store.db.select().from(store.tables.groups).orderBy(asc(store.tables.groups.id))).map(row => row.name)

  it('undoes all of a failed transaction, and nothing that others wrote meanwhile', async () => {
    let outside: Promise<unknown> | undefined
    let begin!: () => void
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const failing = store.tx(async (db) => {
      await insertGroup(db, 'inside')
      begin()
      await store.read.$count(store.tables.groups)
      await insertGroup(store.db, 'inside too')
      throw new Error('undo')
    })
    await begun.then(() => {
      outside = Promise.resolve(insertGroup(store.db, 'outside'))
    })
    await expect(failing).rejects.toThrow('undo')
    await outside
    expect(await names()).toEqual(['outside'])
  })

  it('shows an open transaction to itself only', async () => {
    const { groups } = store.tables
    await store.tx(async (db) => {
      await insertGroup(db, 'g')
      expect(await store.db.$count(groups)).toBe(1)
      expect(await store.read.$count(groups)).toBe(0)
    })
    expect(await store.read.$count(groups)).toBe(1)
  })

  it('joins a transaction inside a transaction', async () => {
    await expect(store.tx(async () => {
      await store.tx(db => insertGroup(db, 'inner'))
      throw new Error('undo')
    })).rejects.toThrow('undo')
    expect(await names()).toEqual([])
  })

  it('loses none of 20 read-modify-write transactions at once', async () => {
    const { leases } = store.tables
    await store.db.insert(leases).values({ name: 'n', holder: 'h', expiresAt: 0 })
    await Promise.all(Array.from({ length: 20 }, () => store.tx(async (db) => {
      const [row] = await db.select().from(leases).where(eq(leases.name, 'n'))
      await db.update(leases).set({ expiresAt: row!.expiresAt + 1 }).where(eq(leases.name, 'n'))
    })))
    expect((await store.db.select().from(leases))[0]?.expiresAt).toBe(20)
  })

  it('gets transactions through that take their rows in opposite orders', async () => {
    const { leases } = store.tables
    await store.db.insert(leases).values(['a', 'b'].map(name => ({ name, holder: 'h', expiresAt: 0 })))
    const add = (db: Db, name: string) => db.update(leases).set({ expiresAt: sql`${leases.expiresAt} + 1` }).where(eq(leases.name, name))
    await Promise.all(Array.from({ length: 16 }, (_, i) => store.tx(async (db) => {
      for (const name of i % 2 ? ['a', 'b'] : ['b', 'a']) await add(db, name)
    })))
    expect((await store.db.select().from(leases)).map(row => row.expiresAt)).toEqual([16, 16])
  })

  it('runs statements of a left-over task outside the transaction that started it', async () => {
    let late: (() => Promise<unknown>) | undefined
    await expect(store.tx(async (db) => {
      late = AsyncResource.bind(async () => insertGroup(db, 'late'))
      throw new Error('undo')
    })).rejects.toThrow('undo')
    await late?.()
    expect(await names()).toEqual(['late'])
  })
})
