import { createI18n } from 'vue-i18n'
import { languageOf, languages, type Language } from '#shared/utils/language'

type Messages = Record<string, unknown>

const load: Record<Language, () => Promise<{ default: Messages }>> = {
  'zh-CN': () => import('~/i18n/zh-CN.json'),
  'en': () => import('~/i18n/en.json'),
}

/**
 * vue-i18n with the language of the cookie, else of the browser. Only the language in use is loaded.
 * Not @nuxtjs/i18n: that one hooks every request of the server, relayed ones included.
 */
export default defineNuxtPlugin({
  name: 'i18n',
  async setup(nuxt) {
    const cookie = useCookie<string | null>('relay-lang', { maxAge: 31_536_000, sameSite: 'lax', path: '/' })
    const accepted = useRequestHeaders(['accept-language'])['accept-language']
    const asked = languages.find(language => language === useRequestURL().searchParams.get('lang'))
    const language = useState<Language>('language', () => languageOf(asked ?? cookie.value, accepted))
    const i18n = createI18n({
      legacy: false,
      locale: language.value,
      fallbackLocale: false,
      messages: { [language.value]: (await load[language.value]()).default } as never,
    })

    async function setLanguage(next: Language): Promise<void> {
      if (!i18n.global.availableLocales.includes(next as never))
        i18n.global.setLocaleMessage(next as never, (await load[next]()).default as never)
      i18n.global.locale.value = next as never
      language.value = next
      cookie.value = next
    }

    // A link with a language is a choice, and works without scripts.
    if (import.meta.server && asked) cookie.value = asked
    nuxt.vueApp.use(i18n)
    useHead({ htmlAttrs: { lang: language } })
    return { provide: { setLanguage } }
  },
})
