import { z } from 'zod'
import { secretField } from './common'

/** Long enough for any pass phrase, short enough that hashing it is cheap. */
export const passwordField = secretField.min(8)

/** `username` takes a user name or an e-mail address. */
export const loginSchema = z.strictObject({
  username: z.string().trim().min(1).max(254),
  password: secretField,
})
export type LoginInput = z.output<typeof loginSchema>

export const changePasswordSchema = z.strictObject({
  currentPassword: secretField,
  newPassword: passwordField,
}).refine(input => input.currentPassword !== input.newPassword, { path: ['newPassword'], message: 'errors.passwordSame' })
export type ChangePasswordInput = z.output<typeof changePasswordSchema>
