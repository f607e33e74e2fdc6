const tickers = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
/** How far the server's clock is ahead of the browser's, milliseconds. */
let ahead = 0

/** The present by the server's clock, anew each second, in the browser only: null on the server and until the page has hydrated. */
export function useNow() {
  const now = ref<number | null>(null)
  const tick = (): void => {
    now.value = Date.now() + ahead
  }
  onMounted(() => {
    tick()
    tickers.add(tick)
    timer ??= setInterval(() => tickers.forEach(each => each()), 1000)
  })
  onUnmounted(() => {
    tickers.delete(tick)
    if (tickers.size > 0) return
    clearInterval(timer)
    timer = undefined
  })
  return now
}

/** An answer told the server's present. */
export function setServerTime(at: number): void {
  ahead = at - Date.now()
}
