import { problem } from '#shared/schemas/errors'
import type { KeyPatchInput } from '#shared/schemas/key'
import type { ApiKeyPatch, ApiKeyRow } from '../db/repos/api-keys'
import { isIpRange } from '../lib/client-ip'
import { invalid } from '../lib/errors'
import { endOfLife } from './first-use'
import { changedLimits, readKeyLimits } from './limits'

type PlainFields = Omit<KeyPatchInput, 'groupId' | 'revealable'>

/** Absent fields stay out of the patch, null ones are cleared. Throws `validation`. */
export function patchColumns(row: ApiKeyRow, input: PlainFields): ApiKeyPatch {
  const { name, enabled, expiresAt, expiresInDays, models, ipAllow, clients, limits } = input
  refuseBadRanges(ipAllow ?? [])
  const list = (given: string[] | null | undefined) => (given === undefined ? undefined : JSON.stringify(given ?? []))
  const patch: ApiKeyPatch = {
    name, enabled, expiresInDays,
    expiresAt: expiresAt === undefined ? newEnd(row, expiresInDays) : expiresAt,
    models: list(models), ipAllow: list(ipAllow), clients: list(clients),
    limits: limits === undefined ? undefined : JSON.stringify(limits === null ? {} : changedLimits(readKeyLimits(row.limits) ?? {}, limits)),
  }
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
}

/** A life counted from the first use ends anew when its length changes, and not at all when it is taken away. */
function newEnd(row: ApiKeyRow, days: number | null | undefined): number | null | undefined {
  if (days === undefined || row.firstUsedAt === null) return undefined
  return days === null ? (row.expiresInDays === null ? undefined : null) : endOfLife(row.firstUsedAt, days, null)
}

export function refuseBadRanges(ranges: string[]): void {
  const problems = ranges.flatMap((range, at) => (isIpRange(range) ? [] : [problem(`ipAllow.${at}`, 'errors.cidr')]))
  if (problems.length) throw invalid(problems)
}
