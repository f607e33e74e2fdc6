/** A number of [0, 1). */
export type Random = () => number

/** The same numbers at every call with the same seed. */
export function dice(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!

/** One of a list, each as likely as its weight. */
export function pickBy<T extends { weight: number }>(random: Random, list: readonly T[]): T {
  let rest = random() * list.reduce((sum, { weight }) => sum + weight, 0)
  return list.find(({ weight }) => (rest -= weight) < 0) ?? list.at(-1)!
}

export const between = (random: Random, from: number, to: number): number => from + random() * (to - from)
export const whole = (random: Random, from: number, to: number): number => Math.round(between(random, from, to))

/** Hexadecimal digits, for ids that look like those of clients and upstreams. */
export const hex = (random: Random, digits: number): string => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')
