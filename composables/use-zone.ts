import { isZone } from '#shared/utils/format'

const YEAR_S = 31_536_000

/**
 * The zone that times are shown in: the browser's, as told by a cookie, else the server's.
 * The first render in the browser repeats the server's choice (see plugins/zone.client.ts), so that it hydrates.
 */
export function useZone() {
  const cookie = useZoneCookie()
  return useState<string>('zone', () => isZone(cookie.value) ? cookie.value : Intl.DateTimeFormat().resolvedOptions().timeZone)
}

export function useZoneCookie() {
  return useCookie<string | null>('relay-zone', { maxAge: YEAR_S, sameSite: 'lax', path: '/', decode: value => decodeURIComponent(value), encode: value => encodeURIComponent(value ?? '') })
}
