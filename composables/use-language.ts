import type { Language } from '#shared/utils/language'

/** The language in use, and the way to change and remember it. */
export function useLanguage() {
  const language = useState<Language>('language')
  const { $setLanguage } = useNuxtApp()
  return { language: readonly(language), setLanguage: $setLanguage as (next: Language) => Promise<void> }
}
