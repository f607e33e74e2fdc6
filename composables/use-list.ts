import type { RouteLocationRaw } from 'vue-router'
import { NEWEST_FIRST } from '#shared/schemas/common'
import type { ListOf } from '#shared/types/api'
import { directionOf, nextOrder, orderOf, type SortableColumn } from '#shared/utils/list-sort'
import { withColumn, type TablePrefs } from '#shared/utils/table-prefs'

/** A column as data, with its texts in the person's language. */
export interface ListColumn extends SortableColumn {
  key: string
  title: string
  width?: number | string
  align?: 'left' | 'right' | 'center'
  /** Cannot be hidden. */
  fixed?: boolean
  /** Not shown until somebody chooses it. */
  hidden?: boolean
}

export interface ListFilter {
  /** As the API and the URL call it. */
  name: string
  label: string
  kind: 'search' | 'select' | 'time'
  options?: { value: string, label: string }[]
}

export interface ListOptions {
  /** Under which the person's choice of columns is remembered. */
  name: string
  /** Of the API. */
  path: string
  columns: () => ListColumn[]
  /** May read only what is declared before the list. */
  filters?: () => ListFilter[]
  /** Rows of a page. Rendering holds up running streams for its time: 20 stay well below what anybody notices. */
  limit?: number
  /** The order when the URL has none. */
  order?: string
  /** Where the list comes from as a file. */
  exportPath?: string
}

/** Filters of a page: what can be set and what is set. */
export interface FilterSet {
  readonly filters: ListFilter[]
  /** By name; '' = not set. */
  readonly state: Record<string, string>
  /** How many are set. */
  readonly activeCount: number
  set(patch: Record<string, string | undefined>): Promise<void>
  reset(): Promise<void>
}

/** All that a list page and its parts need: rows, filters, order, pages, columns. Everything but the columns stands in the URL. */
export interface TableList<Row, Data extends ListOf<Row> = ListOf<Row>> extends FilterSet {
  readonly data: Data | undefined
  readonly rows: Row[] | undefined
  readonly status: 'idle' | 'pending' | 'success' | 'error'
  readonly error: unknown
  refresh(): Promise<void>
  /** Those that are shown. */
  readonly columns: ListColumn[]
  readonly allColumns: ListColumn[]
  isShown(column: ListColumn): boolean
  show(column: ListColumn, shown: boolean): void
  readonly density: TablePrefs['density']
  setDensity(density: TablePrefs['density']): void
  /** As in the URL: `name`, `-name`. */
  readonly order: string
  /** Are rows in the order in which they were made, newest first? */
  readonly newestFirst: boolean
  directionOf(column: ListColumn): 'ascending' | 'descending' | undefined
  /** What a click on the column's head leads to. */
  sortLink(column: ListColumn): RouteLocationRaw
  sortBy(order: string): Promise<void>
  readonly cursor: string | undefined
  readonly next: RouteLocationRaw | null
  readonly first: RouteLocationRaw
  readonly exportPath: string | undefined
  /** What the API is asked for, without page and size. */
  readonly query: Record<string, string | undefined>
}

/**
 * The list behind a page, from the API's `{ items, nextCursor }`. The server searches, filters, sorts and pages; the page renders on the
 * server with its rows. Give it to `ConsoleFilters`, `ConsoleTableTools`, `ConsoleDataTable` and `ConsolePager`.
 */
export function useList<Row extends object, Data extends ListOf<Row> = ListOf<Row>>(options: ListOptions): TableList<Row, Data> {
  const { name, path, limit = 20, order: standard = NEWEST_FIRST, exportPath } = options
  const filters = computed(() => options.filters?.() ?? [])
  const names = computed(() => filters.value.map(filter => filter.name))
  const { state, cursor, valueOf, set, linkTo } = useQueryState(() => names.value)
  const prefs = useTablePrefs()
  const allColumns = computed(options.columns)
  const order = computed(() => orderOf(valueOf('sort'), allColumns.value, standard))
  const query = computed(() => ({
    ...Object.fromEntries(names.value.map(each => [each, state.value[each] || undefined])),
    sort: order.value === standard ? undefined : order.value,
  }))
  const { data, error, status, refresh } = useApiData<ListOf<Row>>(path, () => ({ ...query.value, cursor: cursor.value, limit }))
  const isShown = (column: ListColumn): boolean => column.fixed || (prefs.value.columns[name]?.[column.key] ?? !column.hidden)
  const columns = computed(() => allColumns.value.filter(isShown))
  const inUrl = (next: string): string | undefined => next === standard ? undefined : next

  return {
    get data() { return (data.value ?? undefined) as Data | undefined },
    get rows() { return data.value?.items },
    get status() { return status.value },
    get error() { return error.value },
    refresh: () => refresh(),
    get filters() { return filters.value },
    get state() { return state.value },
    get activeCount() { return names.value.filter(each => state.value[each]).length },
    set,
    reset: () => set(Object.fromEntries(names.value.map(each => [each, undefined]))),
    get columns() { return columns.value },
    get allColumns() { return allColumns.value },
    isShown,
    show(column, shown) {
      prefs.value = withColumn(prefs.value, name, { key: column.key, shown, byDefault: !column.hidden })
    },
    get density() { return prefs.value.density },
    setDensity(density) {
      prefs.value = { ...prefs.value, density }
    },
    get order() { return order.value },
    get newestFirst() { return order.value === NEWEST_FIRST },
    directionOf: column => directionOf(column, order.value),
    sortLink: column => linkTo({ sort: inUrl(nextOrder(column, order.value)), cursor: undefined }),
    sortBy: next => set({ sort: inUrl(next) }),
    get cursor() { return cursor.value },
    get next() { return data.value?.nextCursor ? linkTo({ cursor: data.value.nextCursor }) : null },
    get first() { return linkTo({ cursor: undefined }) },
    exportPath,
    get query() { return query.value },
  }
}
