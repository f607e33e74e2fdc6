import type { Language } from '#shared/utils/language'

/** The language in use, and the way to change and remember it. */
export function useLanguage() {
  const language = useState<Language>('language')
  const route = useRoute()
  const { $setLanguage } = useNuxtApp()

  /** What was asked for in the address has had its say once somebody chooses another. */
  async function setLanguage(next: Language): Promise<void> {
    await ($setLanguage as (next: Language) => Promise<void>)(next)
    const { lang, ...query } = route.query
    if (lang !== undefined) await navigateTo({ path: route.path, query, hash: route.hash }, { replace: true })
  }

  return { language: readonly(language), setLanguage }
}
