/** @typedef {{ median: number, min: number, max: number }} Spread */

/** @type {(sorted: number[] | Float64Array, share: number) => number} Nearest rank; NaN for nothing. */
export function percentile(sorted, share) {
  if (sorted.length === 0) return Number.NaN
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}

/** @type {(values: number[]) => number[]} */
export const ascending = values => [...values].sort((a, b) => a - b)

/** @type {(values: number[]) => number} */
export function median(values) {
  const sorted = ascending(values)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** @type {(values: number[]) => Spread} */
export const spread = values => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) })

/**
 * @typedef {{ count: number, p50: number, p99: number, p999: number, max: number }} Summary
 * @type {(values: number[]) => Summary}
 */
export function summary(values) {
  const sorted = ascending(values)
  return { count: sorted.length, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), p999: percentile(sorted, 0.999), max: sorted.at(-1) ?? Number.NaN }
}
