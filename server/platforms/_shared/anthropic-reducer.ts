import { noUsage, type Usage } from '#shared/types/usage'

type Fields = Record<string, unknown>

/** A count past this is taken for a fault of the upstream; keeps sums far inside safe integers. */
const MAX_COUNT = 1_000_000_000

export const asFields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : null

export const asText = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/**
 * Folds the `usage` objects of one answer: per field the last value above zero wins, so a zero in message_delta
 * does not wipe out what message_start said.
 */
export class UsageReducer {
  readonly #usage = noUsage()
  #cacheWritten = 0
  #split: { in5m: number, in1h: number } | null = null

  add(raw: Fields): void {
    const usage = this.#usage
    usage.inputTokens = count(raw.input_tokens) || usage.inputTokens
    usage.outputTokens = count(raw.output_tokens) || usage.outputTokens
    usage.cacheReadTokens = count(raw.cache_read_input_tokens) || usage.cacheReadTokens
    usage.thinkingTokens = count(asFields(raw.output_tokens_details)?.thinking_tokens) || usage.thinkingTokens
    usage.webSearches = count(asFields(raw.server_tool_use)?.web_search_requests) || usage.webSearches
    usage.serviceTier = asText(raw.service_tier) ?? usage.serviceTier
    usage.speed = asText(raw.speed) ?? usage.speed
    usage.inferenceGeo = asText(raw.inference_geo) ?? usage.inferenceGeo
    this.#cacheWritten = count(raw.cache_creation_input_tokens) || this.#cacheWritten
    this.#split ??= splitOf(raw.cache_creation)
  }

  /**
   * The first split that says anything stays. A total that differs from it (message_delta brings only totals) keeps the
   * one-hour share and puts the rest on five minutes, as all of a total without a split does.
   */
  result(): Usage {
    const { in5m, in1h } = this.#split ?? { in5m: 0, in1h: 0 }
    const total = this.#cacheWritten || in5m + in1h
    const cacheWrite1hTokens = Math.min(in1h, total)
    return { ...this.#usage, cacheWrite1hTokens, cacheWrite5mTokens: total - cacheWrite1hTokens }
  }
}

function splitOf(raw: unknown): { in5m: number, in1h: number } | null {
  const fields = asFields(raw)
  const in5m = count(fields?.ephemeral_5m_input_tokens)
  const in1h = count(fields?.ephemeral_1h_input_tokens)
  return in5m + in1h > 0 ? { in5m, in1h } : null
}

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_COUNT ? value : 0
