import { z } from 'zod'
import { problem, problemsOf, type FieldProblem } from '#shared/schemas/errors'
import type { AccountPatch } from '../db/repos/accounts'
import { invalid, invalidField } from '../lib/errors'
import type { Sealer } from '../lib/seal'
import type { Platform } from '../platforms/platform'
import type { Owner } from '../users/owner'
import { isPrivateUrl } from '../lib/private-address'
import { credentialsHint, proxyHint, sealCredentials, sealProxyUrl } from './secrets'

export function requirePlatform(platforms: Readonly<Record<string, Platform>>, id: string): Platform {
  const platform = Object.hasOwn(platforms, id) ? platforms[id] : undefined
  if (!platform) throw invalidField('platform', 'errors.platform', { values: Object.keys(platforms).join(', ') })
  return platform
}

/** Some platforms have no address of their own. */
export function requireBaseUrl(platform: Platform, baseUrl: string | null): void {
  if (baseUrl === null && platform.form.some(field => field.name === 'baseUrl' && field.required)) throw invalidField('baseUrl', 'errors.required')
}

/**
 * Only an admin's account may point at a private address: others would let users reach into the operator's network. Names that
 * resolve to one are refused when connecting (relay/pools.ts).
 */
export function refusePrivate(owner: Owner, { baseUrl, proxyUrl }: { baseUrl?: string | null, proxyUrl?: string | null }): void {
  if (owner.role === 'admin') return
  const problems = Object.entries({ baseUrl, proxyUrl }).filter(([, url]) => url && isPrivateUrl(url)).map(([path]) => problem(path, 'errors.urlPrivate'))
  if (problems.length) throw invalid(problems)
}

/** Checks credentials by their platform and seals them for the account `id`. */
export function credentialColumns(platform: Platform, sealer: Sealer, id: string, given: Record<string, unknown>) {
  const parsed = platform.credentials.safeParse(given)
  if (!parsed.success) throw invalid(problemsOf(parsed.error).map(below('credentials')))
  const credentials = parsed.data as Record<string, unknown>
  return {
    credentials: sealCredentials(sealer, id, credentials),
    credentialsHint: credentialsHint(credentials),
    tokenExpiresAt: platform.oauth?.expiresAt(credentials) ?? null,
  } satisfies AccountPatch
}

/** Checks a platform's own settings; what is left out gets its default. Null: all of them do. */
export function optionColumns({ options }: Platform, given: Record<string, unknown> | null) {
  const parsed = (options ?? z.strictObject({})).safeParse(given ?? {})
  if (!parsed.success) throw invalid(problemsOf(parsed.error).map(below('options')))
  return { options: JSON.stringify(parsed.data) } satisfies AccountPatch
}

export function proxyColumns(sealer: Sealer, id: string, url: string | null) {
  if (url === null) return { proxyUrl: null, proxyHint: null }
  return { proxyUrl: sealProxyUrl(sealer, id, url), proxyHint: proxyHint(url) } satisfies AccountPatch
}

const below = (parent: string) => ({ path, key, params }: FieldProblem): FieldProblem => problem(path ? `${parent}.${path}` : parent, key, params)
