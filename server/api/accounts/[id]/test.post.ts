import { accountTestSchema } from '#shared/schemas/account'
import type { AccountTestView } from '#shared/types/api'
import { notFound } from '#server/lib/errors'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** Sends one small request to the upstream; its refusal is an answer, not a failure of this call. An abnormal account that passes is normal again; it counts as a use. */
export default defineApi(async (event): Promise<AccountTestView> => {
  const actor = requireActor(event)
  const { model } = await readInput(event, accountTestSchema)
  const { services, probe, pool, states, repos, clock } = useRuntime()
  const row = await services.accounts.require(actor, idOf(event, 'account'))
  const result = await probe(row.id, { model })
  const account = pool.get(row.id)
  if (!result || !account) throw notFound('account')
  await services.accounts.tested(actor, row, result)
  if (result.ok) {
    states.apply(account, { kind: 'probe_ok' })
    await states.flush()
    await repos.accounts.touch([row.id], clock.now())
  }
  return result
})
