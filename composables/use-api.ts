import type { MaybeRefOrGetter } from 'vue'

type Query = Record<string, string | number | boolean | undefined>
interface Call { method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET', body?: object, query?: Query, headers?: Record<string, string>, signal?: AbortSignal }

/** Without the types that Nuxt derives from all routes: comparing them is more than the compiler can take. */
const fetchJson = (path: string, options: object): Promise<unknown> => ($fetch as (path: string, options: object) => Promise<unknown>)(path, options)

/** Calls the JSON API on an action of the person. Throws what {@link toApiFailure} reads. */
export function useApi() {
  const toLogin = useToLogin()
  return async function call<T>(path: string, options: Call): Promise<T> {
    try {
      return await fetchJson(path, { ...options, retry: 0 }) as T
    }
    catch (error) {
      if (toApiFailure(error).status === 401) await toLogin()
      throw error
    }
  }
}

/**
 * Data of a page: in the HTML already when the server renders it, behind a skeleton when the person comes from another page;
 * loaded again when the query changes. `immediate: false`: not at all until it is asked for.
 */
export function useApiData<T>(path: string, query?: MaybeRefOrGetter<Query>, { immediate = true }: { immediate?: boolean } = {}) {
  const toLogin = useToLogin()
  return useFetch<T>(path, {
    query: computed(() => toValue(query) ?? {}),
    lazy: true,
    immediate,
    retry: 0,
    deep: false,
    async onResponseError({ response }) {
      if (import.meta.client && response.status === 401) await toLogin()
    },
  })
}

/** The way to the sign-in page and back here afterwards. */
function useToLogin() {
  const route = useRoute()
  const { user } = useSession()
  const nuxt = useNuxtApp()
  return async () => {
    user.value = null
    await nuxt.runWithContext(() => navigateTo({ path: '/login', query: { next: route.fullPath } }))
  }
}
