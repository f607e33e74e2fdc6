import { noUsage, type Usage } from '#shared/types/usage'
import { asFields } from '../_shared/anthropic-reducer'
import type { Fields } from './chat'

/** A count past this is taken for a fault of the upstream. */
const MAX_COUNT = 1_000_000_000
/** Where an upstream tells no count: bytes of text for one token, about. */
const BYTES_PER_TOKEN = 4

/** Folds the usage of one answer, in whichever chunk and form it comes; per field the last value above zero wins. */
export class ChatUsage {
  private prompt = 0
  private completion = 0
  private total = 0
  private cached = 0
  private written = 0
  private reasoning = 0
  private outputBytes = 0

  constructor(private readonly requestBytes: number) {}

  /** Did the upstream tell? */
  get known(): boolean {
    return this.prompt > 0 || this.completion > 0
  }

  add(raw: Fields): void {
    const prompt = asFields(raw.prompt_tokens_details)
    this.prompt = count(raw.prompt_tokens) || this.prompt
    this.completion = count(raw.completion_tokens) || this.completion
    this.total = count(raw.total_tokens) || this.total
    this.cached = count(prompt?.cached_tokens) || count(raw.prompt_cache_hit_tokens) || count(raw.cached_tokens) || this.cached
    this.written = count(prompt?.cache_write_tokens) || count(prompt?.cache_creation_tokens) || this.written
    this.reasoning = count(asFields(raw.completion_tokens_details)?.reasoning_tokens) || count(raw.reasoning_tokens) || this.reasoning
  }

  /** Text of the answer, for an estimate where the upstream tells nothing. */
  wrote(text: string): void {
    this.outputBytes += Buffer.byteLength(text)
  }

  result(): Usage {
    if (!this.known) return { ...noUsage(), inputTokens: tokens(this.requestBytes), outputTokens: tokens(this.outputBytes) }
    const cached = Math.min(this.cached, this.prompt)
    const written = Math.min(this.written, this.prompt - cached)
    // Some upstreams count reasoning apart from the completion; their total tells.
    const apart = this.reasoning > 0 && this.total === this.prompt + this.completion + this.reasoning
    return {
      ...noUsage(),
      inputTokens: this.prompt - cached - written,
      outputTokens: this.completion + (apart ? this.reasoning : 0),
      cacheReadTokens: cached,
      cacheWrite5mTokens: written,
      thinkingTokens: this.reasoning,
    }
  }

  /** The same as the Messages API tells it. */
  toAnthropic(): Fields {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWrite5mTokens, thinkingTokens } = this.result()
    return {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cache_creation_input_tokens: cacheWrite5mTokens,
      cache_read_input_tokens: cacheReadTokens,
      ...thinkingTokens > 0 ? { output_tokens_details: { thinking_tokens: thinkingTokens } } : {},
    }
  }
}

/** Usage of a chunk or a whole answer: at its top, in its choice (Moonshot), or below the name of the upstream (Groq). */
export const usageIn = (chunk: Fields, choice: Fields | undefined): Fields | null =>
  asFields(chunk.usage) ?? asFields(choice?.usage) ?? asFields(asFields(chunk.x_groq)?.usage)

const tokens = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_COUNT ? value : 0
