import { z } from 'zod'
import { idField, modelsField, nameField, pageFields, queryFlag, sortField, usdField } from './common'

const MAX_URL = 500
const MAX_MAPPED = 500

/** Of a model asked for, or a pattern of it, to the model of the upstream; of several patterns that match the first counts. */
const modelMap = z.record(z.string().trim().min(1).max(200), z.string().trim().min(1).max(200))
  .superRefine((map, ctx) => {
    if (Object.keys(map).length > MAX_MAPPED) ctx.addIssue({ code: 'too_big', origin: 'map', maximum: MAX_MAPPED, input: map })
  })

const baseUrl = z.string().trim().max(MAX_URL).superRefine((text, ctx) => {
  const url = parseUrl(text)
  if (!url || !/^https?:$/.test(url.protocol)) ctx.addIssue({ code: 'custom', message: 'errors.url' })
  else if (url.username || url.password) ctx.addIssue({ code: 'custom', message: 'errors.urlLogin' })
  else if (url.search || url.hash) ctx.addIssue({ code: 'custom', message: 'errors.url' })
}).transform(text => text.replace(/\/+$/, ''))

const proxyUrl = z.string().trim().max(MAX_URL)
  .refine(text => /^(?:https?|socks5h?):$/.test(parseUrl(text)?.protocol ?? ''), 'errors.proxyUrl')

const priority = z.int().min(0).max(1_000_000)
const weight = z.int().min(0).max(1_000_000)
const maxConcurrency = z.int().min(0).max(1_000_000)
/** Its fields are the platform's own (see GET /api/platforms) and checked by the platform. */
const credentials = z.record(z.string(), z.unknown())
/** The platform's own settings, likewise; those left out have their defaults. */
const options = z.record(z.string(), z.unknown())

export const accountCreateSchema = z.strictObject({
  name: nameField,
  platform: z.string().min(1).max(32),
  baseUrl: baseUrl.nullish(),
  credentials,
  groupId: idField.nullish(),
  priority: priority.default(100),
  weight: weight.default(100),
  maxConcurrency: maxConcurrency.default(0),
  models: modelsField.default([]),
  modelMap: modelMap.default({}),
  options: options.default({}),
  /** Absent or null = no such limit. */
  dailyLimitUsd: usdField.nullish(),
  proxyUrl: proxyUrl.nullish(),
  enabled: z.boolean().default(true),
})
export type AccountCreateInput = z.output<typeof accountCreateSchema>

/** Null puts a field back to what it is when left out at creation. The platform of an account never changes. */
export const accountPatchSchema = z.strictObject({
  name: nameField.optional(),
  baseUrl: baseUrl.nullish(),
  credentials: credentials.optional(),
  groupId: idField.nullish(),
  priority: priority.nullish(),
  weight: weight.nullish(),
  maxConcurrency: maxConcurrency.nullish(),
  models: modelsField.nullish(),
  modelMap: modelMap.nullish(),
  options: options.nullish(),
  dailyLimitUsd: usdField.nullish(),
  proxyUrl: proxyUrl.nullish(),
  enabled: z.boolean().optional(),
})
export type AccountPatchInput = z.output<typeof accountPatchSchema>

/** Begins a sign-in for a new account, or for one whose sign-in is over. */
export const signInStartSchema = z.strictObject({
  platform: z.string().min(1).max(32).default('claude'),
  accountId: idField.optional(),
})
export type SignInStartInput = z.output<typeof signInStartSchema>

/** `code`: as the upstream's page shows it, or the whole address of that page. `account`: of a new account, everything but its credentials. */
export const signInFinishSchema = z.strictObject({
  flowId: idField,
  code: z.string().trim().min(1).max(8_000),
  account: accountCreateSchema.omit({ credentials: true, platform: true }).optional(),
})
export type SignInFinishInput = z.output<typeof signInFinishSchema>

export const accountTestSchema = z.strictObject({ model: z.string().trim().min(1).max(200).optional() })

/** The page of an account's history. */
export const accountEventsSchema = z.strictObject(pageFields)
export type AccountEventsQuery = z.output<typeof accountEventsSchema>

/** For a request of which model, and by which key: without one, of a key that may use the account. */
export const accountWhySchema = z.strictObject({ model: z.string().trim().min(1).max(200).optional(), keyId: idField.optional() })
export type AccountWhyQuery = z.output<typeof accountWhySchema>

export const accountSorts = ['createdAt', 'name', 'owner', 'group', 'platform', 'state', 'enabled', 'priority', 'weight', 'today', 'week', 'lastUsedAt'] as const

/** `groupId=shared` lists the shared pool; `ownerId` is for admins. */
export const accountListSchema = z.strictObject({
  ...pageFields,
  sort: sortField(accountSorts),
  q: z.string().trim().max(100).optional(),
  ownerId: idField.optional(),
  groupId: idField.optional(),
  platform: idField.max(32).optional(),
  state: z.enum(['normal', 'limited', 'cooling', 'abnormal']).optional(),
  enabled: queryFlag.optional(),
})
export type AccountListQuery = z.output<typeof accountListSchema>

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}
