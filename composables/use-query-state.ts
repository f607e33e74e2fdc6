/** A table's filters and page in the URL, so that a link, a reload and the back button keep them. Empty = not set. */
export function useQueryState<const Names extends readonly string[]>(names: Names) {
  type Name = Names[number]
  const route = useRoute()
  const router = useRouter()

  const state = computed(() => Object.fromEntries(names.map((name) => {
    const value = route.query[name]
    return [name, typeof value === 'string' ? value : '']
  })) as Record<Name | 'cursor', string>)
  const cursor = computed(() => typeof route.query.cursor === 'string' ? route.query.cursor : undefined)

  const linkTo = (patch: Partial<Record<Name | 'cursor', string | undefined>>) => {
    const query = Object.fromEntries(Object.entries({ ...route.query, ...patch }).filter(([, value]) => value))
    return { path: route.path, query }
  }

  /** Changes filters; the list starts again at its first page. */
  async function set(patch: Partial<Record<Name, string | undefined>>): Promise<void> {
    await router.replace(linkTo({ ...patch, cursor: undefined } as Partial<Record<Name | 'cursor', string | undefined>>))
  }

  const active = computed(() => names.some(name => route.query[name]))
  /** What the API is asked for: the set filters and the page. */
  const query = computed(() => Object.fromEntries([
    ...names.map(name => [name, (state.value as Record<string, string>)[name] || undefined] as const),
    ['cursor', cursor.value] as const,
  ]))

  return { state, query, cursor, active, set, linkTo }
}
