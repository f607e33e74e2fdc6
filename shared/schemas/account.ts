import { z } from 'zod'
import { idField, modelsField, nameField, pageFields, queryFlag } from './common'

const MAX_URL = 500
const MAX_MAPPED = 500

/** Of a model asked for to the model of the upstream. */
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
  proxyUrl: proxyUrl.nullish(),
  enabled: z.boolean().optional(),
})
export type AccountPatchInput = z.output<typeof accountPatchSchema>

export const accountTestSchema = z.strictObject({ model: z.string().trim().min(1).max(200).optional() })

/** `groupId=shared` lists the shared pool; `ownerId` is for admins. */
export const accountListSchema = z.strictObject({
  ...pageFields,
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
