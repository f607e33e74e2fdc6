import type { RouteLocationRaw } from 'vue-router'
import type { ListOf } from '#shared/types/api'

const KINDS = ['pages', 'keys', 'accounts', 'groups', 'requests', 'actions'] as const

/** Where the palette leads, or what it does. */
export interface PaletteItem {
  kind: (typeof KINDS)[number]
  /** Unique in the list. */
  id: string
  label: string
  detail?: string
  to?: RouteLocationRaw
  run?: () => void
}

const SEARCHED = [['keys', '/api/keys', '/keys'], ['accounts', '/api/accounts', '/accounts'], ['groups', '/api/groups', '/groups']] as const
const FOUND_OF_EACH = 5
const WAIT_MS = 150

/** Is the palette open? Layout and top bar share it. */
export const usePaletteOpen = () => useState('palette-open', () => false)

/** What the palette offers for a text: pages and actions by their names at once; keys, accounts and groups as the server finds them. */
export function usePalette(text: Ref<string>) {
  const { t } = useI18n()
  const { user } = useSession()
  const { language, setLanguage } = useLanguage()
  const { nextTheme } = useTheme()
  const call = useApi()
  const found = shallowRef<PaletteItem[]>([])
  const searching = ref(false)
  const failed = ref(false)
  const wanted = computed(() => text.value.trim())
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const fixed = computed<PaletteItem[]>(() => [
    ...roomsFor(user.value).map(({ to, label, section }) => ({ kind: 'pages' as const, id: to, label: t(label), detail: section === 'start' ? undefined : t(`menu.sections.${section}`), to })),
    { kind: 'pages', id: '/help', label: t('layout.help'), to: '/help' },
    { kind: 'actions', id: 'new key', label: t('keys.create'), to: '/keys?new=1' },
    { kind: 'actions', id: 'new account', label: t('accounts.create'), to: '/accounts?new=1' },
    ...user.value?.role === 'admin' ? [{ kind: 'actions' as const, id: 'new user', label: t('users.create'), to: '/admin/users?new=1' }] : [],
    { kind: 'actions', id: 'theme', label: t('palette.theme'), run: nextTheme },
    { kind: 'actions', id: 'language', label: t('palette.language'), run: () => void setLanguage(language.value === 'en' ? 'zh-CN' : 'en') },
  ])
  const parts = computed(() => {
    const lower = wanted.value.toLowerCase()
    const named = fixed.value.filter(({ label, detail, id }) => `${label} ${detail ?? ''} ${id}`.toLowerCase().includes(lower))
    const all = [...named, ...found.value, ...requestOf(wanted.value)]
    return KINDS.map(kind => ({ kind, items: all.filter(item => item.kind === kind) })).filter(part => part.items.length > 0)
  })
  const items = computed(() => parts.value.flatMap(part => part.items))

  /** A long text without spaces may be the id of a request. */
  function requestOf(id: string): PaletteItem[] {
    return /^[\w-]{16,128}$/.test(id) ? [{ kind: 'requests', id: `request ${id}`, label: t('palette.request', { id }), to: { path: '/logs', query: { requestId: id } } }] : []
  }

  async function ask(q: string): Promise<void> {
    const mine = ++asked
    searching.value = true
    failed.value = false
    try {
      const lists = await Promise.all(SEARCHED.map(async ([kind, path, to]): Promise<PaletteItem[]> => {
        const { items } = await call<ListOf<{ id: string, name: string, groupName?: string | null }>>(path, { method: 'GET', query: { q, limit: FOUND_OF_EACH, sort: 'name' } })
        return items.map(({ id, name, groupName }) => ({ kind, id, label: name, detail: groupName ?? undefined, to: { path: to, query: { q: name } } }))
      }))
      if (mine === asked) found.value = lists.flat()
    }
    catch {
      if (mine === asked) failed.value = true
    }
    if (mine === asked) searching.value = false
  }

  watch(wanted, (q) => {
    clearTimeout(timer)
    asked++
    searching.value = failed.value = false
    if (!q) return void (found.value = [])
    searching.value = true
    timer = setTimeout(() => void ask(q), WAIT_MS)
  })
  onBeforeUnmount(() => clearTimeout(timer))

  return { parts, items, searching, failed }
}
