import { asc, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { StoreError } from '#server/db/client'
import { total, totalBig } from '#server/db/sql'
import type { Db, Store } from '#server/db/store'
import { migrationsOf, openTestStore, testDialects, type TestStore } from '../helpers/store'

// One suite for both dialects: what repos may rely on, and where SQLite and MySQL would otherwise part ways.
describe.each(testDialects)('store on %s', (dialect) => {
  let test: TestStore
  let store: Store
  beforeAll(async () => {
    test = await openTestStore(dialect)
    store = test.store
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    const { groups, leases, settings, users } = store.tables
    for (const table of [groups, leases, settings, users]) await store.db.delete(table)
  })

  const group = (id: string, name = id) => ({ id, ownerId: 'owner', name, createdAt: 1, updatedAt: 1 })
  const insertGroup = (db: Db, id: string, name = id) => db.insert(store.tables.groups).values(group(id, name))
  const names = async () => (await store.db.select().from(store.tables.groups).orderBy(asc(store.tables.groups.id))).map(row => row.name)

  it('gives the same JavaScript values back: defaults, flags, null, safe integers', async () => {
    const { groups } = store.tables
    await store.db.insert(groups).values({ ...group('g'), updatedAt: Number.MAX_SAFE_INTEGER, enabled: false })
    expect(await store.db.select().from(groups)).toEqual([{
      id: 'g', ownerId: 'owner', name: 'g', remark: null, enabled: false, multiplierBp: 10_000, priceBy: 'asked',
      createdAt: 1, updatedAt: Number.MAX_SAFE_INTEGER, deletedAt: null,
    }])
    expect(await store.db.$count(groups)).toBe(1)
    expect(await store.read.$count(groups, eq(groups.enabled, false))).toBe(1)
  })

  it('keeps every character of names and JSON, with quotes and backslashes', async () => {
    const { settings } = store.tables
    const text = JSON.stringify({ quote: '\'"`', back: '\\', none: '\u0000', wide: '中文 😀 é', sign: '? :a $1 %' })
    await insertGroup(store.db, 'g', '中文 😀 \\\'"; -- é')
    await store.db.insert(settings).values({ key: 'k', value: text, updatedAt: 1 })
    expect(await names()).toEqual(['中文 😀 \\\'"; -- é'])
    expect((await store.db.select().from(settings).where(eq(settings.value, text)))[0]?.value).toBe(text)
  })

  it('keeps a number in a text column as it is written', async () => {
    const { settings } = store.tables
    await store.db.insert(settings).values({ key: 'n', value: sql`${5}`, updatedAt: 1 } as never)
    expect((await store.db.select().from(settings))[0]?.value).toBe('5')
  })

  it('compares ids and names byte by byte', async () => {
    const { groups, settings } = store.tables
    await insertGroup(store.db, 'Id', 'Résumé')
    await insertGroup(store.db, 'id', 'resume')
    await store.db.insert(settings).values([{ key: 'a', value: 'é', updatedAt: 1 }, { key: 'A', value: 'e', updatedAt: 1 }])
    const found = (name: string) => store.db.$count(groups, eq(groups.name, name))
    expect([await found('Résumé'), await found('résumé'), await found('Resume'), await found('RESUME')]).toEqual([1, 0, 0, 0])
    expect(await store.db.$count(groups, eq(groups.id, 'ID'))).toBe(0)
    expect((await store.db.select().from(groups).orderBy(asc(groups.id))).map(row => row.id)).toEqual(['Id', 'id'])
    expect(await store.db.$count(settings, sql`${settings.value} like 'E'`)).toBe(0)
  })

  it('finds nothing, without an error, under an id with strange characters', async () => {
    const { groups } = store.tables
    await insertGroup(store.db, 'g')
    for (const id of ['中文', '😀', 'g\u0000', 'ｇ', '\ud800']) {
      expect(await store.db.select().from(groups).where(eq(groups.id, id))).toEqual([])
      expect(store.changes(await store.db.update(groups).set({ name: 'x' }).where(eq(groups.id, id)))).toBe(0)
    }
  })

  it('inserts many rows with defaults, nulls and flags as the builder does, all or none', async () => {
    const { groups } = store.tables
    await store.insertMany(groups, [])
    await store.db.insert(groups).values({ ...group('0', '中 \\\'😀'), enabled: false, remark: null })
    const model = (await store.db.select().from(groups))[0]!
    const rows = Array.from({ length: 250 }, (_, i) => ({ ...group(`m${i}`, '中 \\\'😀'), enabled: false }))
    await store.insertMany(groups, rows)
    expect(await store.db.$count(groups)).toBe(251)
    expect((await store.db.select().from(groups).where(eq(groups.id, 'm249')))[0]).toEqual({ ...model, id: 'm249' })
    const doubled = [...Array.from({ length: 150 }, (_, i) => group(`n${i}`)), group('m7')]
    await expect(store.insertMany(groups, doubled)).rejects.toMatchObject({ kind: 'duplicate' })
    expect(await store.db.$count(groups)).toBe(251)
    await expect(store.tx(async () => {
      await store.insertMany(groups, [group('x')])
      throw new Error('undo')
    })).rejects.toThrow('undo')
    expect(await store.db.$count(groups)).toBe(251)
  })

  it('tells a new row from a known one and refuses nothing else silently', async () => {
    const { groups, leases } = store.tables
    expect(await store.insertIgnore(store.db, groups, group('g'))).toBe(true)
    expect(await store.insertIgnore(store.db, groups, group('g', 'other'))).toBe(false)
    expect(await names()).toEqual(['g'])
    await expect(store.insertIgnore(store.db, leases, { name: 'x', holder: null as never, expiresAt: 1 })).rejects.toThrow(StoreError)
  })

  it('adds to the old value in an upsert of several rows', async () => {
    const { leases } = store.tables
    const put = (rows: { name: string, expiresAt: number }[]) => store.upsert(
      store.db, leases, rows.map(row => ({ ...row, holder: 'h' })), [leases.name],
      { expiresAt: sql`${leases.expiresAt} + ${store.incoming(leases.expiresAt)}`, holder: sql`${'changed'}` },
    )
    await put([{ name: 'a', expiresAt: 9e15 }, { name: 'b', expiresAt: 1 }])
    await put([{ name: 'b', expiresAt: 2 }, { name: 'c', expiresAt: 3 }])
    expect(await store.db.select().from(leases).orderBy(asc(leases.name))).toEqual([
      { name: 'a', holder: 'h', expiresAt: 9e15 }, { name: 'b', holder: 'changed', expiresAt: 3 }, { name: 'c', holder: 'h', expiresAt: 3 },
    ])
  })

  it('counts matched rows, changed or not', async () => {
    const { groups } = store.tables
    await insertGroup(store.db, 'a')
    await insertGroup(store.db, 'b')
    expect(store.changes(await store.db.update(groups).set({ ownerId: 'owner' }))).toBe(2)
    expect(store.changes(await store.db.update(groups).set({ ownerId: 'x' }).where(eq(groups.id, 'none')))).toBe(0)
    expect(store.changes(await store.db.insert(groups).values([group('c'), group('d')]))).toBe(2)
    expect(store.changes(await store.db.delete(groups).where(eq(groups.id, 'a')))).toBe(1)
  })

  it('sums exactly beyond what a number holds', async () => {
    const { leases } = store.tables
    expect(await store.db.select({ n: total(leases.expiresAt), big: totalBig(leases.expiresAt) }).from(leases)).toEqual([{ n: 0, big: 0n }])
    await store.db.insert(leases).values(['a', 'b', 'c'].map(name => ({ name, holder: 'h', expiresAt: Number.MAX_SAFE_INTEGER })))
    const [row] = await store.db.select({ big: totalBig(leases.expiresAt) }).from(leases)
    expect(row?.big).toBe(3n * BigInt(Number.MAX_SAFE_INTEGER))
  })

  it('names the unique index in an error and none of the values', async () => {
    const { users } = store.tables
    const user = { id: 'a', username: 'n', usernameKey: 'secret-name', passwordHash: 'secret-hash', role: 'user' as const, createdAt: 1, updatedAt: 1 }
    await store.db.insert(users).values(user)
    const error: unknown = await store.db.insert(users).values({ ...user, id: 'b' }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: 'StoreError', kind: 'duplicate', message: expect.stringContaining('username_key') as unknown })
    const broken: unknown = await store.db.select({ x: sql`${'secret-hash'} selec` }).from(users).where(sql`nonsense(${'secret-name'})`).catch((caught: unknown) => caught)
    expect(broken).toMatchObject({ name: 'StoreError', kind: 'other' })
    for (const each of [error, broken]) expect(JSON.stringify(each) + String(each) + (each as Error).stack).not.toContain('secret')
  })

  it('migrates a migrated database without a change', async () => {
    await insertGroup(store.db, 'g')
    await Promise.all([1, 2].map(async () => test.store.migrate(await migrationsOf(dialect))))
    expect(await names()).toEqual(['g'])
    const [first, ...rest] = await migrationsOf(dialect)
    await expect(test.store.migrate([{ ...first!, hash: 'other' }, ...rest])).rejects.toThrow(first!.tag)
  })

  it('answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined()
  })
})
