/** Copies text. Over plain http the browser has no clipboard object: then a hidden text area does it. */
export function useCopy() {
  async function copy(text: string): Promise<boolean> {
    if (window.isSecureContext && navigator.clipboard) {
      const done = await navigator.clipboard.writeText(text).then(() => true, () => false)
      if (done) return true
    }
    return copyBySelection(text)
  }
  return { copy }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.readOnly = true
  area.style.cssText = 'position:fixed;top:0;left:0;opacity:0'
  // Inside a dialog that keeps the focus, the helper must be inside too.
  const host = focused?.closest('[role="dialog"]') ?? document.body
  host.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return done
}
