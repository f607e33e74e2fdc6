import { readTablePrefs, type TablePrefs } from '#shared/utils/table-prefs'

const YEAR_S = 31_536_000

/** How this person wants tables. In the state too, so that all tables of a page agree and the first render in the browser repeats the server's. */
export function useTablePrefs() {
  const cookie = useCookie<unknown>('relay-tables', { maxAge: YEAR_S, sameSite: 'lax', path: '/' })
  const prefs = useState<TablePrefs>('table-prefs', () => readTablePrefs(cookie.value))
  return computed<TablePrefs>({
    get: () => prefs.value,
    set(next) {
      prefs.value = next
      cookie.value = next
    },
  })
}
