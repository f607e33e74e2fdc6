import { eq } from 'drizzle-orm'
import type { RollUps } from '../../billing/rollups'
import { newId } from '../../lib/id'
import type { Store } from '../store'
import { createSettingsRepo } from './settings'
import { createUsageWriter } from './usage-writer'

const TURN = 'stats.repair'
const KEPT_FROM = 'logs.keptFrom'

/** How the roll-ups stood when something was found to be missing in them. */
export interface Standing {
  /** Changes with every repair. */
  turn: string
  /** Rows settled before it (epoch-ms) may have been removed. */
  keptFrom: number
}

/**
 * Books what roll-ups lack. Two processes that found the same thing missing book it once: a repair is refused when another
 * one, or a removal of rows, came between the look and the booking.
 */
export function createUsageRepairRepo(store: Store) {
  const { settings } = store.tables
  const usage = createUsageWriter(store)
  const settingsRepo = createSettingsRepo(store)
  const text = async (key: string) => {
    const json = await settingsRepo.get(key)
    return json === null ? null : JSON.parse(json) as unknown
  }

  const read = async (): Promise<Standing> => ({ turn: String(await text(TURN) ?? ''), keptFrom: Number(await text(KEPT_FROM) ?? 0) })
  const set = (key: string, value: unknown, at: number) => settingsRepo.set({ key, value: JSON.stringify(value), updatedBy: null, updatedAt: at })

  return {
    /** Call it before looking. */
    async standing(at: number): Promise<Standing> {
      for (const [key, value] of [[TURN, newId()], [KEPT_FROM, 0]] as const) await settingsRepo.setOnce({ key, value: JSON.stringify(value), updatedBy: null, updatedAt: at })
      return read()
    },

    /** True when booked; false when things moved since `seen`: look again. */
    book: (missing: Partial<RollUps>, seen: Standing, at: number): Promise<boolean> => store.tx(async (tx) => {
      const locked = await tx.select().from(settings).where(eq(settings.key, TURN))
      const now = await read()
      if (locked.length === 0 || now.turn !== seen.turn || now.keptFrom !== seen.keptFrom) return false
      await set(TURN, newId(), at)
      await usage.add(tx, { hourly: [], daily: [], sessions: [], ...missing })
      return true
    }),

    /** Says, before rows are removed, that those settled before `keptFrom` are not all there any more. Never moves back. */
    removing: (keptFrom: number, at: number): Promise<void> => store.tx(async () => {
      const before = Number(await text(KEPT_FROM) ?? 0)
      if (keptFrom > before) await set(KEPT_FROM, keptFrom, at)
    }),
  }
}

export type UsageRepairRepo = ReturnType<typeof createUsageRepairRepo>
