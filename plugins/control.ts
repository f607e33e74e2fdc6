/** How a form control is known to the reader of the screen. */
export interface ControlFacts {
  id: string
  describedBy?: string
  invalid?: boolean
  required?: boolean
}

const CONTROLS = 'input, textarea, select, [role="switch"]'

function apply(root: HTMLElement, facts: ControlFacts): void {
  const control = root.matches(CONTROLS) ? root : root.querySelector<HTMLElement>(CONTROLS)
  if (!control) return
  control.id = facts.id
  toggle(control, 'aria-describedby', facts.describedBy)
  toggle(control, 'aria-invalid', facts.invalid ? 'true' : undefined)
  toggle(control, 'aria-required', facts.required ? 'true' : undefined)
}

function toggle(control: HTMLElement, name: string, value: string | undefined): void {
  if (value) control.setAttribute(name, value)
  else control.removeAttribute(name)
}

/** `v-control`: TDesign's inputs take no attributes for their inner element, so labels and errors are tied to it here. */
export default defineNuxtPlugin((nuxt) => {
  nuxt.vueApp.directive<HTMLElement, ControlFacts>('control', {
    mounted: (el, { value }) => apply(el, value),
    updated: (el, { value }) => apply(el, value),
    getSSRProps: () => ({}),
  })
})
