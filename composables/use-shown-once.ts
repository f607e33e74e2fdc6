/**
 * A secret that is shown this once, in a sheet with `open` as its model. Closing it asks when nobody said that it is kept; once closed
 * it is gone for good, from memory too.
 */
export function useShownOnce() {
  const secret = ref('')
  const kept = ref(false)
  const asking = ref(false)
  const open = computed({
    get: () => secret.value !== '',
    set(shown) {
      if (shown) return
      if (kept.value) close()
      else asking.value = true
    },
  })

  function show(text: string): void {
    kept.value = false
    secret.value = text
  }

  function close(): void {
    secret.value = ''
  }

  return { secret, open, asking, show, close, keep: () => kept.value = true }
}
