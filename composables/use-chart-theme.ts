import type { ChartTheme } from './chart-options'

const PALETTE = 6

/** The page's colours for what draws by itself, anew when the theme changes. In the browser only. */
export function useChartTheme() {
  const theme = shallowRef<ChartTheme>(read())
  const observer = new MutationObserver(() => {
    theme.value = read()
  })
  onMounted(() => observer.observe(document.documentElement, { attributes: true, attributeFilter: ['theme-mode'] }))
  onUnmounted(() => observer.disconnect())
  return theme
}

function read(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string) => style.getPropertyValue(name).trim()
  return {
    text: color('--r-muted'),
    line: color('--r-line'),
    ground: color('--r-ground'),
    palette: Array.from({ length: PALETTE }, (_, index) => color(`--chart-${index + 1}`)),
    rest: color('--chart-rest'),
  }
}
