/** Pages for admins; to others they do not exist. Runs after `auth`. */
export default defineNuxtRouteMiddleware(() => {
  const { user } = useSession()
  if (user.value?.role !== 'admin') return abortNavigation(createError({ statusCode: 404 }))
})
