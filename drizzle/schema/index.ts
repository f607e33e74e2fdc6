import type { Kit } from '../kit.sqlite'
import { defineKeys } from './keys'
import { defineLedger } from './ledger'
import { definePool } from './pool'
import { defineSystem } from './system'
import { defineUsers } from './users'

/** Every table, written once; the kit decides the dialect. */
export const defineSchema = (k: Kit) => ({ ...defineUsers(k), ...definePool(k), ...defineKeys(k), ...defineLedger(k), ...defineSystem(k) })

export type Schema = ReturnType<typeof defineSchema>
