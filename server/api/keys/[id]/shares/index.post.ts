import { shareCreateSchema } from '#shared/schemas/share'
import { useRuntime } from '#server/runtime'
import { created, defineApi, idOf, readInput } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

export default defineApi(async (event) => {
  const actor = requireActor(event)
  const { shares } = useRuntime().services
  const key = idOf(event, 'key')
  // Whose key it is comes before what is asked of it.
  await shares.list(actor, key)
  return created(event, await shares.create(actor, key, await readInput(event, shareCreateSchema)))
})
