/** A column's place in the order of a list: `name`, or `-name` from its largest value. */
export interface SortableColumn {
  /** The API's name of the order. */
  sort?: string
  /** The first click sorts from the largest value. */
  largestFirst?: boolean
}

/** The order that is in force when `asked` is what the URL says: unknown ones count as none. */
export function orderOf(asked: string, columns: readonly SortableColumn[], standard: string): string {
  return columns.some(({ sort }) => sort !== undefined && (asked === sort || asked === `-${sort}`)) ? asked : standard
}

/** How a column is sorted now, as `aria-sort` says it. */
export function directionOf({ sort }: SortableColumn, order: string): 'ascending' | 'descending' | undefined {
  if (sort === undefined) return undefined
  return order === sort ? 'ascending' : order === `-${sort}` ? 'descending' : undefined
}

/** The order that a click on the column's head leads to. */
export function nextOrder({ sort, largestFirst }: SortableColumn, order: string): string {
  const [first, second] = largestFirst ? [`-${sort}`, `${sort}`] : [`${sort}`, `-${sort}`]
  return order === first ? second : first
}
