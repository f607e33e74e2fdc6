import type { Kit } from '../kit.sqlite'

/** The keys handed out, and links that show a key's use. */
export function defineKeys(k: Kit) {
  const apiKeys = k.table('api_keys', {
    id: k.id().primaryKey(),
    ownerId: k.id().notNull(),
    /** No group: the shared pool, if the owner may use it. */
    groupId: k.id(),
    name: k.name(100).notNull(),
    /** SHA-256 (hex) of the key. */
    hash: k.id(64).notNull(),
    prefix: k.name(16).notNull(),
    lastFour: k.name(4).notNull(),
    /** Sealed copy, kept only while the owner wants the key revealable. */
    sealedKey: k.text(),
    enabled: k.flag().notNull().default(true),
    expiresAt: k.time(),
    /** Days from first use; turned into expiresAt then. */
    expiresInDays: k.int(),
    firstUsedAt: k.time(),
    lastUsedAt: k.time(),
    /** JSON string[]; empty = all. */
    models: k.text().notNull(),
    ipAllow: k.text().notNull(),
    clients: k.text().notNull(),
    /** JSON: settings per limit id. */
    limits: k.text().notNull(),
    createdAt: k.time().notNull(),
    updatedAt: k.time().notNull(),
    deletedAt: k.time(),
  }, t => [
    k.uniqueIndex('api_keys_hash_idx').on(t.hash),
    k.index('api_keys_owner_idx').on(t.ownerId),
    k.index('api_keys_group_idx').on(t.groupId),
  ])

  const shareLinks = k.table('share_links', {
    id: k.id().primaryKey(),
    keyId: k.id().notNull(),
    name: k.name(100).notNull().default(''),
    /** SHA-256 (hex) of the token. */
    tokenHash: k.id(64).notNull(),
    /** How much it shows: `limits`, `stats` or `calls`. */
    scope: k.text().notNull(),
    createdBy: k.id().notNull(),
    createdAt: k.time().notNull(),
    expiresAt: k.time(),
    revokedAt: k.time(),
    lastUsedAt: k.time(),
  }, t => [k.uniqueIndex('share_links_token_idx').on(t.tokenHash), k.index('share_links_key_idx').on(t.keyId)])

  return { apiKeys, shareLinks }
}
