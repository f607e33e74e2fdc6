import type { MeView, UserView } from '#shared/types/api'

/** Who is signed in. The server's word on it is `/api/auth/me`: a cookie alone proves nothing. */
export function useSession() {
  const user = useState<UserView | null>('user', () => null)
  const request = useRequestFetch()
  const { forget } = useHelpKey()

  /** Asks the server. Null when nobody is signed in; throws when the server does not answer. */
  async function load(): Promise<UserView | null> {
    try {
      user.value = (await request<MeView>('/api/auth/me' as string)).user
    }
    catch (error) {
      if (toApiFailure(error).status !== 401) throw error
      user.value = null
    }
    return user.value
  }

  async function signOut(): Promise<void> {
    await $fetch('/api/auth/logout' as string, { method: 'POST' })
    user.value = null
    // Whoever comes to this tab next shall not find it.
    forget()
    await navigateTo('/login')
  }

  return { user, load, signOut }
}
