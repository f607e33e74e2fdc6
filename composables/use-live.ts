import type { AccountView } from '#shared/types/api'
import type { AccountLiveItem } from '#shared/types/insight'
import type { LiveRows, LiveState } from '#shared/types/live'
import { createLiveConnection } from './live-connection'

type Listener = (rows: LiveRows) => void

// One connection for the whole tab, in the browser only: on the server these stay as they are.
const items = shallowRef<ReadonlyMap<string, AccountLiveItem>>(new Map())
const running = ref<number>()
const failed = ref(false)
const listeners = new Set<Listener>()
let connection: ReturnType<typeof createLiveConnection> | undefined

function take({ at, running: count, accounts, full, gone }: LiveState): void {
  setServerTime(at)
  running.value = count
  const next = new Map(full ? [] : items.value)
  for (const account of accounts) next.set(account.id, account)
  for (const id of gone) next.delete(id)
  items.value = next
}

const tell = (rows: LiveRows): void => listeners.forEach(listener => listener(rows))

/** Nobody sees a hidden tab, and browsers allow few streams: it tells again, and that something may have been missed, once it is seen. */
function onVisibility(): void {
  if (document.hidden) return connection?.stop()
  connection?.start()
  tell({ at: Date.now(), ids: [], more: true })
}

/**
 * What is going on, told by the server while the page is visible: requests that run, what changes about accounts by itself, and
 * through `onRows` that requests were booked. `failed`: it cannot be had right now.
 */
export function useLive(onRows: Listener = () => {}) {
  const call = useApi()
  const listener: Listener = rows => onRows(rows)

  onMounted(() => {
    listeners.add(listener)
    if (listeners.size > 1) return
    connection = createLiveConnection({
      openStream: () => new EventSource('/api/live'),
      askState: () => call<LiveState>('/api/live/state', { method: 'GET' }),
      now: Date.now, onState: take, onRows: tell,
      onFailed: (now) => {
        failed.value = now
      },
    })
    if (!document.hidden) connection.start()
    document.addEventListener('visibilitychange', onVisibility)
  })
  onUnmounted(() => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    document.removeEventListener('visibilitychange', onVisibility)
    connection?.stop()
    items.value = new Map()
    running.value = undefined
    failed.value = false
  })
  return { items, running, failed }
}

/** The accounts of a list with what changes about them by itself. */
export function useLiveAccounts(rows: () => AccountView[] | undefined) {
  const { items, failed } = useLive()
  const older = shallowRef(new Set<AccountLiveItem>())
  // A list that was loaded just now is newer than what was told before it.
  watch(rows, () => {
    older.value = new Set(items.value.values())
  })
  const accounts = computed(() => rows()?.map((account) => {
    const item = items.value.get(account.id)
    return item && !older.value.has(item) ? { ...account, ...item } : account
  }))
  return { accounts, failed }
}
