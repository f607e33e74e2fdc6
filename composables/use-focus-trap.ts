import type { Ref } from 'vue'

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex="0"]'

/** While open, Tab stays inside; on opening, the first control gets the focus; on closing, it goes back to where it was. */
export function useFocusTrap(open: Ref<boolean>, root: Ref<HTMLElement | undefined>) {
  let before: Element | null = null

  const inside = () => [...root.value?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? []].filter(element => element.offsetParent !== null)

  watch(open, (now) => {
    if (import.meta.server) return
    if (now) before = document.activeElement
    else if (before instanceof HTMLElement && before.isConnected) before.focus()
  }, { flush: 'sync', immediate: true })

  watch([open, root], async ([now]) => {
    if (!now || import.meta.server) return
    await nextTick()
    const [first] = inside()
    const target = root.value?.querySelector<HTMLElement>('[data-autofocus], .t-input input, input, select, textarea') ?? first
    target?.focus({ preventScroll: true })
  }, { flush: 'post' })

  function keep(event: KeyboardEvent): void {
    if (event.key !== 'Tab') return
    const all = inside()
    const first = all[0]
    const last = all.at(-1)
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault()
      last?.focus()
    }
    else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault()
      first?.focus()
    }
  }
  return { keep }
}
