export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]

export const languageNames: Record<Language, string> = { 'zh-CN': '中文', 'en': 'English' }

/** The language to speak: what was chosen, else the best of an Accept-Language header, else English. */
export function languageOf(chosen: string | null | undefined, acceptLanguage: string | undefined): Language {
  const known = languages.find(language => language === chosen)
  if (known) return known
  const wanted = (acceptLanguage ?? '').split(',').map((part) => {
    const [tag = '', ...params] = part.trim().toLowerCase().split(';')
    const q = params.map(param => param.trim()).find(param => param.startsWith('q='))
    return { tag, weight: q ? Number(q.slice(2)) || 0 : 1 }
  })
  wanted.sort((a, b) => b.weight - a.weight)
  for (const { tag, weight } of wanted) {
    if (weight <= 0) continue
    if (/^zh\b/.test(tag)) return 'zh-CN'
    if (/^en\b/.test(tag)) return 'en'
  }
  return 'en'
}
