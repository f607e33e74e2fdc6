import type { RouteLocationRaw } from 'vue-router'

type Patch = Record<string, string | undefined>

/** A page's choices in the URL, so that a link, a reload and the back button keep them. Empty = not set. */
export function useQueryState(names: () => readonly string[]) {
  const route = useRoute()
  const router = useRouter()
  const valueOf = (name: string): string => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }

  const state = computed<Record<string, string>>(() => Object.fromEntries(names().map(name => [name, valueOf(name)])))
  const cursor = computed(() => valueOf('cursor') || undefined)

  const linkTo = (patch: Patch): RouteLocationRaw =>
    ({ path: route.path, query: Object.fromEntries(Object.entries({ ...route.query, ...patch }).filter(([, value]) => value)) })

  /** Changes choices; a list starts again at its first page. */
  async function set(patch: Patch): Promise<void> {
    await router.replace(linkTo({ ...patch, cursor: undefined }))
  }

  return { state, cursor, valueOf, set, linkTo }
}
