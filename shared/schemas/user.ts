import { z } from 'zod'
import { languages } from '../utils/language'
import { idField, pageFields, queryFlag, sortField } from './common'

/** Letters, digits, dot, dash and underscore; never an `@`, so that no name can stand for somebody's address at sign-in. */
export const usernameField = z.string().trim().normalize('NFKC').min(2).max(50).regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, 'errors.username')
export const emailField = z.string().trim().max(254).pipe(z.email('errors.email'))
export const roleField = z.enum(['admin', 'user'])

export const userSorts = ['createdAt', 'username', 'role', 'enabled', 'lastLoginAt'] as const

/** `q` is found in the name and the address. */
export const userListQuery = z.strictObject({ ...pageFields, sort: sortField(userSorts), q: z.string().trim().max(100).optional(), role: roleField.optional(), enabled: queryFlag.optional() })
export type UserListQuery = z.output<typeof userListQuery>

export const userCreateSchema = z.strictObject({
  username: usernameField,
  email: emailField.nullish(),
  role: roleField.default('user'),
  enabled: z.boolean().default(true),
  sharedPool: z.boolean().default(false),
})
export type UserCreateInput = z.output<typeof userCreateSchema>

export const userPatchSchema = z.strictObject({
  username: usernameField.optional(),
  email: emailField.nullable().optional(),
  role: roleField.optional(),
  enabled: z.boolean().optional(),
  sharedPool: z.boolean().optional(),
})
export type UserPatchInput = z.output<typeof userPatchSchema>

/** What becomes of what belongs to a user who is deleted: it goes to `transferTo`, or, without one, is deleted as well. */
export const userRemoveQuery = z.strictObject({ transferTo: idField.optional() })
export type UserRemoveQuery = z.output<typeof userRemoveQuery>

export const profilePatchSchema = z.strictObject({ username: usernameField.optional(), locale: z.enum(languages).optional() })
export type ProfilePatchInput = z.output<typeof profilePatchSchema>

export const inviteCreateSchema = z.strictObject({
  maxUses: z.int().min(1).max(1000).default(1),
  /** Days from now; null = no end. */
  expiresInDays: z.int().min(1).max(365).nullable().default(7),
  /** The user gets this address. */
  email: emailField.nullish(),
}).refine(input => input.email == null || input.maxUses === 1, { path: ['maxUses'], message: 'errors.inviteOnce' })
export type InviteCreateInput = z.output<typeof inviteCreateSchema>

export const inviteSorts = ['createdAt', 'expiresAt'] as const

export const inviteListQuery = z.strictObject({ ...pageFields, sort: sortField(inviteSorts) })
export type InviteListQuery = z.output<typeof inviteListQuery>
