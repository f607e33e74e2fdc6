import { accountCreateSchema, type AccountPatchInput } from '#shared/schemas/account'
import { usdToNano } from '#shared/utils/money'
import type { AccountPatch } from '../db/repos/accounts'
import { invalidField } from '../lib/errors'

type PlainFields = Omit<AccountPatchInput, 'credentials' | 'proxyUrl' | 'groupId' | 'options'>

const defaults = accountCreateSchema.pick({ priority: true, weight: true, maxConcurrency: true }).parse({})

/** Absent fields stay out of the patch, null ones go back to their default. */
export function patchColumns({ name, baseUrl, enabled, priority, weight, maxConcurrency, models, modelMap, dailyLimitUsd }: PlainFields): AccountPatch {
  return defined({
    name,
    baseUrl,
    enabled,
    priority: priority === null ? defaults.priority : priority,
    weight: weight === null ? defaults.weight : weight,
    maxConcurrency: maxConcurrency === null ? defaults.maxConcurrency : maxConcurrency,
    models: models === undefined ? undefined : JSON.stringify(models ?? []),
    dailyLimitNano: dailyLimitUsd === undefined ? undefined : nanoOf(dailyLimitUsd),
    modelMap: modelMap === undefined ? undefined : JSON.stringify(modelMap ?? {}),
  })
}

/** Throws `validation` for an amount that is none. */
export function nanoOf(dailyLimitUsd: number | string | null | undefined): number | null {
  if (dailyLimitUsd === null || dailyLimitUsd === undefined) return null
  const nano = usdToNano(dailyLimitUsd)
  if (nano === null) throw invalidField('dailyLimitUsd', 'errors.money')
  return nano
}

const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
