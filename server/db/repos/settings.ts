import { eq } from 'drizzle-orm'
import type { Schema } from '../../../drizzle/schema/index'
import type { Store } from '../store'

export type SettingRow = Schema['settings']['$inferSelect']

/** Settings of the installation: JSON text by key, parsed by whoever reads it. */
export function createSettingsRepo(store: Store) {
  const { settings } = store.tables
  const { db } = store

  async function get(key: string): Promise<string | null> {
    return (await db.select().from(settings).where(eq(settings.key, key)).limit(1)).at(0)?.value ?? null
  }

  async function set(row: SettingRow): Promise<void> {
    await store.upsert(db, settings, row, [settings.key], {
      value: store.incoming(settings.value),
      updatedBy: store.incoming(settings.updatedBy),
      updatedAt: store.incoming(settings.updatedAt),
    })
  }

  return {
    all: (): Promise<SettingRow[]> => db.select().from(settings),
    /** The JSON text, or null when the key was never set. */
    get,
    /** Makes or replaces the setting. `updatedBy` is a user id, or null for the relay itself. */
    set,
    /** Makes the new text of what is there (null: nothing) and stores it; gives both. */
    async change(key: string, next: (text: string | null) => string, by: Pick<SettingRow, 'updatedBy' | 'updatedAt'>): Promise<{ before: string | null, after: string }> {
      return await store.tx(async () => {
        const before = await get(key)
        const after = next(before)
        await set({ key, value: after, ...by })
        return { before, after }
      })
    },
    /** Sets the key only if it is absent; true when it was. */
    setOnce: (row: SettingRow): Promise<boolean> => store.insertIgnore(db, settings, row),
    async remove(key: string): Promise<void> {
      await db.delete(settings).where(eq(settings.key, key))
    },
  }
}

export type SettingsRepo = ReturnType<typeof createSettingsRepo>
