import { z } from 'zod'
import { idField, secretField } from './common'
import { emailField, usernameField } from './user'

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

/** Purposes for which strangers may ask for a code. */
export const codePurposes = ['sign_in', 'reset_password', 'register'] as const
export type CodePurpose = (typeof codePurposes)[number] | 'change_email'

export const codeRequestSchema = z.strictObject({ purpose: z.enum(codePurposes), email: emailField })
export type CodeRequestInput = z.output<typeof codeRequestSchema>

/** As it stands in the mail, with or without its space. */
const codeField = z.string().transform(text => text.replace(/[\s-]/g, '')).pipe(z.string().regex(/^\d{8}$/, 'errors.code'))

/** `codeId`: from the answer to the request for the code. */
const codeFields = { codeId: idField, code: codeField }

export const codeSignInSchema = z.strictObject(codeFields)
export type CodeSignInInput = z.output<typeof codeSignInSchema>

export const resetPasswordSchema = z.strictObject({ ...codeFields, newPassword: passwordField })
export type ResetPasswordInput = z.output<typeof resetPasswordSchema>

const inviteField = z.string().regex(/^[\w-]{20,100}$/, 'errors.invite')

export const inviteCheckSchema = z.strictObject({ invite: inviteField })

/** With an invitation, or with an address and the code that was sent to it. */
export const registerSchema = z.strictObject({
  username: usernameField,
  password: passwordField,
  invite: inviteField.optional(),
  email: emailField.optional(),
  codeId: idField.optional(),
  code: codeField.optional(),
}).refine(input => input.invite !== undefined || input.email !== undefined, { path: ['email'], message: 'errors.required' })
  .refine(input => input.invite !== undefined || (input.codeId !== undefined && input.code !== undefined), { path: ['code'], message: 'errors.required' })
export type RegisterInput = z.output<typeof registerSchema>

export const emailRequestSchema = z.strictObject({ email: emailField, currentPassword: secretField })
export type EmailRequestInput = z.output<typeof emailRequestSchema>

export const emailConfirmSchema = z.strictObject({ email: emailField, ...codeFields })
export type EmailConfirmInput = z.output<typeof emailConfirmSchema>
