export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** What the person chose (not what it comes to), and the step to the next choice. Known in the browser only. */
export function useTheme() {
  const mode = useColorMode()
  const theme = computed<Theme>(() => themes.find(name => name === mode.preference) ?? 'system')
  function nextTheme(): void {
    mode.preference = themes[(themes.indexOf(theme.value) + 1) % themes.length]!
  }
  return { theme, nextTheme }
}
