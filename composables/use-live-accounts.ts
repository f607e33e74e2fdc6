import type { AccountView } from '#shared/types/api'
import type { AccountLiveItem, AccountLiveView } from '#shared/types/insight'

const PERIOD_MS = 3_000

/**
 * The accounts of a list with what changes about them by itself, asked for again and again while the page is visible. `failed`:
 * the last time it could not be had.
 */
export function useLiveAccounts(rows: () => AccountView[] | undefined) {
  const call = useApi()
  const live = shallowRef(new Map<string, AccountLiveItem>())
  const failed = ref(false)
  let asking = false
  let timer: ReturnType<typeof setInterval> | undefined

  // The list itself is as fresh as can be when it is loaded.
  watch(rows, () => {
    live.value = new Map()
  })

  async function ask(): Promise<void> {
    const asked = rows()
    const ids = asked?.map(({ id }) => id) ?? []
    if (asking || document.hidden || ids.length === 0) return
    asking = true
    try {
      const { at, items } = await call<AccountLiveView>('/api/accounts/live', { method: 'GET', query: { ids: ids.join(',') } })
      setServerTime(at)
      failed.value = false
      if (rows() === asked) live.value = new Map(items.map(item => [item.id, item]))
    }
    catch {
      failed.value = true
    }
    finally {
      asking = false
    }
  }
  const onVisible = (): void => void ask()

  onMounted(() => {
    timer = setInterval(onVisible, PERIOD_MS)
    document.addEventListener('visibilitychange', onVisible)
    void ask()
  })
  onUnmounted(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', onVisible)
  })

  const accounts = computed(() => rows()?.map(account => ({ ...account, ...live.value.get(account.id) })))
  return { accounts, failed }
}
