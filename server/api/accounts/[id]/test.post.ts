import { accountTestSchema } from '#shared/schemas/account'
import type { AccountTestView } from '#shared/types/api'
import { notFound } from '#server/lib/errors'
import { useRuntime } from '#server/runtime'
import { defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** Sends one small request to the upstream; its refusal is an answer, not a failure of this call. */
export default defineApi(async (event): Promise<AccountTestView> => {
  const actor = requireActor(event)
  const { model } = await readInput(event, accountTestSchema)
  const { services, probe } = useRuntime()
  const account = await services.accounts.require(actor, idOf(event, 'account'))
  const result = await probe(account.id, { model })
  if (!result) throw notFound('account')
  return result
})
