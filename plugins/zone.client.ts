import { isZone } from '#shared/utils/format'

/** Once the page stands, times move to the browser's zone, and a cookie tells the server for the next page. */
export default defineNuxtPlugin((nuxt) => {
  const zone = useZone()
  const cookie = useZoneCookie()
  nuxt.hook('app:suspense:resolve', () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone
    if (!isZone(own) || (zone.value === own && cookie.value === own)) return
    zone.value = own
    cookie.value = own
  })
})
