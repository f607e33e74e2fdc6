import { headerOf } from '../../relay/headers'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const MIN_MS = 5_000
const MAX_MS = 8 * 86_400_000

/**
 * When the upstream takes requests again, epoch-ms, by its rate-limit headers ("6m0s") or its words ("try again in 20s"); null if it
 * tells neither.
 */
export function resetInWords(rawHeaders: readonly string[], said: string, now: number): number | null {
  const waits = [...exhausted(rawHeaders), /try again in ((?:[\d.]+ ?(?:ms|[smhd]))+)/i.exec(said)?.[1] ?? ''].map(durationMs).filter(ms => ms > 0)
  return waits.length === 0 ? null : now + Math.min(Math.max(...waits, MIN_MS), MAX_MS)
}

const exhausted = (rawHeaders: readonly string[]): string[] => ['requests', 'tokens'].flatMap(kind =>
  headerOf(rawHeaders, `x-ratelimit-remaining-${kind}`) === '0' ? headerOf(rawHeaders, `x-ratelimit-reset-${kind}`) ?? [] : [])

/** "1h2m3.5s" in milliseconds; 0 for anything else. */
const durationMs = (text: string): number =>
  [...text.matchAll(/([\d.]+) ?(ms|[smhd])/gi)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!.toLowerCase()]!, 0)
