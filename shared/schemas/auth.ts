import { z } from 'zod'

/** Long enough for any pass phrase, short enough that hashing it is cheap. */
export const passwordField = z.string().min(8).max(256)

/** `username` takes a user name or an e-mail address. */
export const loginSchema = z.strictObject({
  username: z.string().trim().min(1).max(254),
  password: z.string().min(1).max(256),
})
export type LoginInput = z.output<typeof loginSchema>

export const changePasswordSchema = z.strictObject({
  currentPassword: z.string().min(1).max(256),
  newPassword: passwordField,
}).refine(input => input.currentPassword !== input.newPassword, { path: ['newPassword'], message: 'errors.passwordSame' })
export type ChangePasswordInput = z.output<typeof changePasswordSchema>
