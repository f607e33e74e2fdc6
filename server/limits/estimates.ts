import type { PriceBook } from '../billing/prices'
import { noUsage } from '#shared/types/usage'

const BYTES_PER_TOKEN = 4
const FIRST_OUTPUT_TOKENS = 1_000
/** Weight of the latest request in the average. */
const WEIGHT = 0.2
const MAX_REMEMBERED = 10_000

/** What a request will cost: what those of the key with this model cost lately, else a guess by the size of its body. */
export class Estimates {
  readonly #averages = new Map<string, number>()

  constructor(private readonly prices: Pick<PriceBook, 'cost'>) {}

  /** Nano-USD, after the group's multiplier. */
  of(keyId: string, model: string, bodyBytes: number, multiplierBp: number): number {
    const average = this.#averages.get(`${keyId} ${model}`)
    if (average !== undefined) return Math.round(average)
    const usage = { ...noUsage(), inputTokens: Math.ceil(bodyBytes / BYTES_PER_TOKEN), outputTokens: FIRST_OUTPUT_TOKENS }
    return this.prices.cost(model, usage, multiplierBp).billedNano
  }

  learn(keyId: string, model: string, billedNano: number): void {
    const name = `${keyId} ${model}`
    const before = this.#averages.get(name)
    // The oldest go first: what is used is put to the end.
    this.#averages.delete(name)
    if (before === undefined && this.#averages.size >= MAX_REMEMBERED) this.#averages.delete(this.#averages.keys().next().value!)
    this.#averages.set(name, before === undefined ? billedNano : before + (billedNano - before) * WEIGHT)
  }
}
