import { z } from 'zod'
import { registrationModes, settingsSections, type Settings } from '#shared/schemas/settings'
import type { AboutView, PublicSettings, SettingsView } from '#shared/types/settings'
import type { AdminUserView, CodeSentView, InviteCheckView, InviteView, InviteWithCode, SessionView, UserWithPassword } from '#shared/types/user'
import { languages } from '#shared/utils/language'
import { count, nullableText, time, userFields } from './common'

export const adminUser: z.ZodType<AdminUserView> = z.strictObject({ ...userFields, groupCount: count, accountCount: count, keyCount: count })
export const userWithPassword: z.ZodType<UserWithPassword> = z.strictObject({ user: adminUser, password: z.string().meta({ description: 'The start password, told only here' }) })

export const invite: z.ZodType<InviteView> = z.strictObject({
  id: z.string(), email: nullableText, maxUses: count, uses: count, createdByName: nullableText, createdAt: time, expiresAt: time.nullable(), revokedAt: time.nullable(), state: z.enum(['open', 'used_up', 'expired', 'revoked']),
})
export const inviteWithCode: z.ZodType<InviteWithCode> = z.strictObject({ invite, code: z.string().meta({ description: 'Told only here' }) })
export const inviteCheck: z.ZodType<InviteCheckView> = z.strictObject({ email: nullableText, expiresAt: time.nullable() })
export const codeSent: z.ZodType<CodeSentView> = z.strictObject({ codeId: z.string(), expiresAt: time })

export const session: z.ZodType<SessionView> = z.strictObject({ id: z.string(), ip: nullableText, userAgent: nullableText, createdAt: time, lastSeenAt: time, expiresAt: time, current: z.boolean() })

const section = <S extends keyof Settings>(name: S) => z.strictObject(settingsSections[name].shape) as unknown as z.ZodType<Settings[S]>
export const settings: z.ZodType<SettingsView> = z.strictObject({
  registration: section('registration'), operator: section('operator'), retention: section('retention'), scheduling: section('scheduling'), statusPage: section('statusPage'), retentionFixed: z.boolean(), timeZone: z.string(), mail: z.boolean(), logoVersion: nullableText,
})

export const publicSettings: z.ZodType<PublicSettings> = z.strictObject({
  operatorName: nullableText, operatorLogo: nullableText, logoVersion: nullableText, notice: nullableText, publicUrl: nullableText, registration: z.enum(registrationModes), mail: z.boolean(), statusPage: z.boolean(),
  demo: z.object({ username: z.string(), password: z.string() }).nullable(),
})

export const about: z.ZodType<AboutView> = z.strictObject({ html: nullableText, language: z.enum(languages) })
