/** Runs `work` soon after it is asked for, and never again within `ms`: for what many events ask for. */
export function useSoon(work: () => unknown, ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastAt = 0
  onUnmounted(() => clearTimeout(timer))
  return () => {
    if (timer) return
    timer = setTimeout(() => {
      timer = undefined
      lastAt = Date.now()
      work()
    }, Math.max(0, lastAt + ms - Date.now()))
  }
}
