import type { Kit } from '../kit.sqlite'

/** People, how they get in, and what proves who they are. */
export function defineUsers(k: Kit) {
  const users = k.table('users', {
    id: k.id().primaryKey(),
    username: k.name(64).notNull(),
    /** Folded user name (NFKC, lower case); `deleted:<id>` once the user is deleted. */
    usernameKey: k.name(120).notNull(),
    email: k.name(254),
    emailKey: k.name(300),
    passwordHash: k.text().notNull(),
    role: k.id(16).$type<'admin' | 'user'>().notNull(),
    enabled: k.flag().notNull().default(true),
    mustChangePassword: k.flag().notNull().default(false),
    /** May keys without a group draw from the shared pool? Set by admins. */
    sharedPool: k.flag().notNull().default(false),
    locale: k.id(8),
    lastLoginAt: k.time(),
    createdAt: k.time().notNull(),
    updatedAt: k.time().notNull(),
    deletedAt: k.time(),
  }, t => [k.uniqueIndex('users_username_key_idx').on(t.usernameKey), k.uniqueIndex('users_email_key_idx').on(t.emailKey)])

  const sessions = k.table('sessions', {
    /** SHA-256 (hex) of the token inside the sealed cookie. */
    id: k.id(64).primaryKey(),
    userId: k.id().notNull(),
    ip: k.id(64),
    userAgent: k.name(255),
    createdAt: k.time().notNull(),
    lastSeenAt: k.time().notNull(),
    expiresAt: k.time().notNull(),
  }, t => [k.index('sessions_user_idx').on(t.userId), k.index('sessions_expires_idx').on(t.expiresAt)])

  const invites = k.table('invites', {
    id: k.id().primaryKey(),
    codeHash: k.id(64).notNull(),
    createdBy: k.id().notNull(),
    email: k.name(254),
    maxUses: k.int().notNull().default(1),
    uses: k.int().notNull().default(0),
    createdAt: k.time().notNull(),
    expiresAt: k.time(),
    revokedAt: k.time(),
  }, t => [k.uniqueIndex('invites_code_hash_idx').on(t.codeHash)])

  const codes = k.table('codes', {
    id: k.id().primaryKey(),
    purpose: k.id(32).notNull(),
    /** Folded e-mail address or other subject the code was made for. */
    subject: k.name(300).notNull(),
    userId: k.id(),
    codeHash: k.id(64).notNull(),
    attempts: k.int().notNull().default(0),
    createdAt: k.time().notNull(),
    expiresAt: k.time().notNull(),
    usedAt: k.time(),
  }, t => [k.index('codes_subject_idx').on(t.purpose, t.subject)])

  return { users, sessions, invites, codes }
}
