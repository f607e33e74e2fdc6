import { z } from 'zod'
import type { AccountStateView, AccountTestView, AccountView, GroupView, PlatformView, SignInView } from '#shared/types/api'
import type { AccountEventView, AccountLiveItem, AccountPosition, AccountWhyView } from '#shared/types/insight'
import type { UsageWindow } from '#shared/types/usage-window'
import { count, formField, nano, nullableText, time, usage, usd } from './common'

const stateName = z.enum(['normal', 'limited', 'cooling', 'abnormal'])

export const group: z.ZodType<GroupView> = z.strictObject({
  id: z.string(), ownerId: z.string(), ownerName: nullableText, name: z.string(), remark: nullableText, enabled: z.boolean(), multiplierBp: count, priceBy: z.enum(['asked', 'served']),
  accountCount: count, keyCount: count, createdAt: time, updatedAt: time,
})

export const accountState: z.ZodType<AccountStateView> = z.strictObject({
  name: stateName, reason: nullableText, evidence: nullableText, since: time, until: time.nullable(), nextProbe: time.nullable(), modelLimits: z.record(z.string(), time),
})

export const usageWindow: z.ZodType<UsageWindow> = z.strictObject({ id: z.string(), used: z.number().nullable(), resetsAt: time.nullable(), status: nullableText })

const live = { enabled: z.boolean(), state: accountState, inFlight: count, weightShare: z.number().nullable(), lastUsedAt: time.nullable() }

export const account: z.ZodType<AccountView> = z.strictObject({
  id: z.string(), ownerId: z.string(), ownerName: nullableText, groupId: nullableText, groupName: nullableText, name: z.string(), platform: z.string(), baseUrl: nullableText,
  credentialsHint: nullableText, proxyHint: nullableText, priority: count, weight: count, maxConcurrency: count, models: z.array(z.string()), modelMap: z.record(z.string(), z.string()),
  options: z.record(z.string(), z.unknown()), dailyLimitUsd: usd.nullable(), dailyLimitNano: nano.nullable(), windows: z.array(usageWindow), tokenExpiresAt: time.nullable(), usage, ...live, createdAt: time, updatedAt: time,
})

export const accountLiveItem: z.ZodType<AccountLiveItem> = z.strictObject({ id: z.string(), ...live })

export const accountTest: z.ZodType<AccountTestView> = z.strictObject({
  ok: z.boolean(), status: z.int().nullable(), ms: z.number(), model: z.string(), probe: z.enum(['messages', 'count_tokens', 'models']), message: z.string(),
})

const eventState = z.enum(['normal', 'limited', 'cooling', 'abnormal', 'disabled'])
export const accountEvent: z.ZodType<AccountEventView> = z.strictObject({
  id: z.string(), at: time, from: eventState, to: eventState, reason: nullableText, evidence: nullableText, until: time.nullable(), byUserId: nullableText, byUserName: nullableText,
})

const position = {
  accountId: z.string(), name: nullableText, position: z.enum(['chosen', 'standby', 'last_resort', 'waits', 'passed_over']), share: z.number(),
  reasons: z.array(z.strictObject({ reason: z.string(), until: time.nullable() })), priority: count, weight: count, inFlight: count, maxConcurrency: count,
}
export const accountPosition: z.ZodType<AccountPosition> = z.strictObject(position)
export const accountWhy: z.ZodType<AccountWhyView> = z.strictObject({ ...position, at: time, model: z.string(), keyId: nullableText, groupName: nullableText, pool: z.array(accountPosition) })

export const signIn: z.ZodType<SignInView> = z.strictObject({ flowId: z.string(), url: z.string(), expiresAt: time })

export const platform: z.ZodType<PlatformView> = z.strictObject({
  id: z.string(), label: z.string(), form: z.array(formField), defaults: z.record(z.string(), z.unknown()),
  presets: z.array(z.strictObject({ id: z.string(), label: z.string(), baseUrl: z.string(), options: z.record(z.string(), z.unknown()) })), signIn: z.boolean(),
})
