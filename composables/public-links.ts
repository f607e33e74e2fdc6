/** A public page that the head of every public page leads to. */
export interface PublicLink {
  to: string
  /** An i18n key. */
  label: string
}

/** In the order of the menu. Who adds a public page that everybody should find adds it here. */
export const publicLinks: readonly PublicLink[] = [
  { to: '/help', label: 'layout.help' },
  { to: '/stats/api-key', label: 'layout.keyQuery' },
]

/** Path of a help page by the last part of its address. */
export const helpPath = (slug: string): string => slug === 'index' ? '/help' : `/help/${slug}`
