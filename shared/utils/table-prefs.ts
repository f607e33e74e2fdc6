/** How somebody wants tables: kept in one cookie, so that the server draws them so at once. */
export interface TablePrefs {
  density: 'normal' | 'compact'
  /** By table: columns that were shown or hidden against their default. */
  columns: Record<string, Record<string, boolean>>
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {})

/** What a cookie holds, whatever somebody wrote into it. */
export function readTablePrefs(value: unknown): TablePrefs {
  const { density, columns } = record(value)
  const tables = Object.entries(record(columns)).map(([table, chosen]) =>
    [table, Object.fromEntries(Object.entries(record(chosen)).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'))] as const)
  return { density: density === 'compact' ? 'compact' : 'normal', columns: Object.fromEntries(tables.filter(([, chosen]) => Object.keys(chosen).length > 0)) }
}

/** The choice about one column noted; a choice that equals the default is no choice. */
export function withColumn(prefs: TablePrefs, table: string, { key, shown, byDefault }: { key: string, shown: boolean, byDefault: boolean }): TablePrefs {
  const { [key]: _, ...others } = prefs.columns[table] ?? {}
  return readTablePrefs({ ...prefs, columns: { ...prefs.columns, [table]: shown === byDefault ? others : { ...others, [key]: shown } } })
}
