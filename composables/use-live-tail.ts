import type { LogView } from '#shared/types/api'
import type { TableList } from './use-list'

/** Rows that came in since the page was loaded; more are found by going to the next page. */
const MAX_ROWS = 100
const LOOK_MS = 1_200
/** Further down somebody reads: rows that come in on top would push the page away under them. */
const TOP_PX = 120

/**
 * The newest page of the log list, kept going by the live feed under the list's own filters. What is new comes in on top while
 * `on`, and waits to be asked for while it is not, while `isPaused`, or while somebody has scrolled down.
 */
export function useLiveTail(list: TableList<LogView>, isPaused: () => boolean) {
  const call = useApi()
  const { state, set } = useQueryState(() => ['live'])
  const on = computed(() => state.value.live === '1')
  const scrolled = ref(false)
  const lookFailed = ref(false)
  const added = shallowRef<LogView[]>([])
  const waiting = shallowRef<LogView[]>([])
  const following = computed(() => on.value && !isPaused() && !scrolled.value)

  async function look(): Promise<void> {
    const before = list.data
    if (list.cursor || !list.newestFirst || !before) return
    const { items } = await call<{ items: LogView[] }>('/api/logs', { method: 'GET', query: { ...list.query, limit: 20 } })
    if (list.data !== before) return
    const known = new Set([...waiting.value, ...added.value, ...before.items].map(({ requestId }) => requestId))
    const fresh = items.filter(({ requestId }) => !known.has(requestId))
    if (fresh.length === 0) return
    waiting.value = [...fresh, ...waiting.value].slice(0, MAX_ROWS)
    if (following.value) show()
  }
  function show(): void {
    added.value = [...waiting.value, ...added.value].slice(0, MAX_ROWS)
    waiting.value = []
  }
  const onScroll = (): void => {
    scrolled.value = window.scrollY > TOP_PX
  }

  /** What could not be looked for is found at the next event. */
  async function tryToLook(): Promise<void> {
    try {
      await look()
      lookFailed.value = false
    }
    catch {
      lookFailed.value = true
    }
  }
  const { failed: feedFailed } = useLive(useSoon(tryToLook, LOOK_MS))
  watch(() => list.data, () => {
    added.value = []
    waiting.value = []
  })
  watch(following, (now) => {
    if (now) show()
  })
  onMounted(() => window.addEventListener('scroll', onScroll, { passive: true }))
  onUnmounted(() => window.removeEventListener('scroll', onScroll))

  return {
    on, show,
    failed: computed(() => feedFailed.value || lookFailed.value),
    waiting: computed(() => waiting.value.length),
    rows: computed(() => (list.rows ? [...added.value, ...list.rows] : undefined)),
    turn: (next: boolean) => set({ live: next ? '1' : undefined }),
  }
}
