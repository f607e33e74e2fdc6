import { referenceOf, type ApiReference, type OpenApiDocument, type ReferenceCall } from '#shared/utils/api-reference'

/** The API's own document, flat, with what a search leaves of it. The page holds the flat form only. */
export function useApiReference() {
  const { language } = useLanguage()
  const text = ref('')
  const { data, error } = useFetch('/api/openapi.json' as string, {
    query: computed(() => ({ lang: language.value })),
    deep: false,
    transform: (document): ApiReference => referenceOf(document as unknown as OpenApiDocument),
  })

  const matches = ({ method, path, summary }: ReferenceCall, words: string[]): boolean => words.every(word => `${method} ${path} ${summary}`.toLowerCase().includes(word))
  const groups = computed(() => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean)
    return (data.value?.groups ?? []).map(group => ({ ...group, calls: group.calls.filter(call => matches(call, words)) })).filter(group => group.calls.length > 0)
  })
  return { data, error, text, groups }
}
