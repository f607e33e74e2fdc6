const YEAR_S = 31_536_000

/** Is the side menu folded to its icons? Remembered by a cookie, so that the server draws it so at once. */
export function useNarrowMenu() {
  const cookie = useCookie<string | null>('relay-menu', { maxAge: YEAR_S, sameSite: 'lax', path: '/' })
  const narrow = useState('menu-narrow', () => cookie.value === 'narrow')
  function toggle(): void {
    narrow.value = !narrow.value
    cookie.value = narrow.value ? 'narrow' : null
  }
  return { narrow, toggle }
}
