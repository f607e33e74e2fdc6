import { randomBytes } from 'node:crypto'
import type { ApiKeyRow } from '../db/repos/api-keys'
import { sha256Hex } from '../lib/hash'
import type { Sealer } from '../lib/seal'

const PREFIX_SHOWN = 7

/** A new key: `sk-` and 256 random bits. */
export const newSecret = (): string => `sk-${randomBytes(32).toString('base64url')}`

const contextOf = (id: string): string => `key:${id}`

/** What is stored of a key: its hash, its ends to recognise it by, and a sealed copy only when it shall be revealable. */
export function secretColumns(sealer: Sealer, id: string, secret: string, revealable: boolean) {
  return {
    hash: sha256Hex(secret),
    prefix: secret.slice(0, PREFIX_SHOWN),
    lastFour: secret.slice(-4),
    sealedKey: revealable ? sealer.seal(secret, contextOf(id)) : null,
  }
}

/** The key in clear, or null when no copy was kept. Throws SealError. */
export const openSecret = (sealer: Sealer, row: Pick<ApiKeyRow, 'id' | 'sealedKey'>): string | null =>
  row.sealedKey === null ? null : sealer.open(row.sealedKey, contextOf(row.id))
