import type { Settings } from '#shared/schemas/settings'
import type { AboutView } from '#shared/types/settings'
import type { Language } from '#shared/utils/language'
import { renderWords } from '../help/markdown'

/** What the operator says of their relay, rendered once for each text. */
export function createAbout() {
  const rendered = new Map<Language, { source: string, html: string }>()

  function htmlOf(language: Language, source: string): string {
    const known = rendered.get(language)
    if (known?.source === source) return known.html
    const html = renderWords(source)
    rendered.set(language, { source, html })
    return html
  }

  return ({ aboutZh, aboutEn }: Settings['operator'], asked: Language): AboutView => {
    const texts = { 'zh-CN': aboutZh, 'en': aboutEn }
    const language = texts[asked] ? asked : asked === 'en' ? 'zh-CN' : 'en'
    const source = texts[language]
    return source ? { html: htmlOf(language, source), language } : { html: null, language: asked }
  }
}
