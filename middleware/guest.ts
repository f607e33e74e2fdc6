import { safePath } from '#shared/utils/safe-path'

/** Who is signed in already has no use for the sign-in page. */
export default defineNuxtRouteMiddleware(async (to) => {
  const { user, load } = useSession()
  const me = user.value ?? await load()
  if (me) return navigateTo(safePath(to.query.next, '/dashboard'))
})
