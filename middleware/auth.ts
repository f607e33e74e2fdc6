/** Pages of the console need a session; one with a start password leads to the page that changes it. */
export default defineNuxtRouteMiddleware(async (to) => {
  const { user, load } = useSession()
  const me = import.meta.server || !user.value ? await load() : user.value
  if (!me) return navigateTo({ path: '/login', query: { next: to.fullPath } })
  if (me.mustChangePassword && to.path !== '/password') return navigateTo({ path: '/password', query: { next: to.fullPath } })
})
