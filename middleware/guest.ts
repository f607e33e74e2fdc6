import { safePath } from '#shared/utils/safe-path'

/** Who is signed in already has no use for the sign-in page. */
export default defineNuxtRouteMiddleware(async (to) => {
  const { user, load } = useSession()
  const me = import.meta.server ? await load() : user.value
  if (me) return navigateTo(safePath(to.query.next, '/dashboard'))
})
