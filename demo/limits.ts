/** A round amount in USD of which about the wanted part is spent, but not less than `least`; one that is to be used up lies below what was spent. */
export function limitOf(spentUsd: number, part: number, least: number): string {
  const exact = spentUsd / part
  const step = exact > 100 ? 10 : exact > 20 ? 5 : exact > 2 ? 1 : 0.25
  if (part >= 1) return Math.max(0.05, Math.floor(exact / 0.05) * 0.05).toFixed(2)
  return Math.max(least, Math.ceil(exact / step) * step).toFixed(2)
}
