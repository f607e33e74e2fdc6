import { accountCreateSchema, type AccountPatchInput } from '#shared/schemas/account'
import type { AccountPatch } from '../db/repos/accounts'

type PlainFields = Omit<AccountPatchInput, 'credentials' | 'proxyUrl' | 'groupId'>

const defaults = accountCreateSchema.pick({ priority: true, weight: true, maxConcurrency: true }).parse({})

/** Absent fields stay out of the patch, null ones go back to their default. */
export function patchColumns({ name, baseUrl, enabled, priority, weight, maxConcurrency, models, modelMap }: PlainFields): AccountPatch {
  return defined({
    name,
    baseUrl,
    enabled,
    priority: priority === null ? defaults.priority : priority,
    weight: weight === null ? defaults.weight : weight,
    maxConcurrency: maxConcurrency === null ? defaults.maxConcurrency : maxConcurrency,
    models: models === undefined ? undefined : JSON.stringify(models ?? []),
    modelMap: modelMap === undefined ? undefined : JSON.stringify(modelMap ?? {}),
  })
}

const defined = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>
