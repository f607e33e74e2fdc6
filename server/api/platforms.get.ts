import type { ListOf, PlatformView } from '#shared/types/api'
import { platforms } from '#server/platforms/index'
import { defineApi } from '#server/utils/api'
import { requireActor } from '#server/utils/session'

/** What the console's account form is drawn from. */
export default defineApi((event): ListOf<PlatformView> => {
  requireActor(event)
  return { items: Object.values(platforms).map(({ id, label, form, options, presets = [], oauth }) => ({ id, label, form, defaults: options?.parse({}) ?? {}, presets: [...presets], signIn: oauth !== undefined })), nextCursor: null }
})
