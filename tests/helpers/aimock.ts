import { LLMock } from '@copilotkit/aimock'
import type { LogView } from '#shared/types/api'

/** Tokens as the mock tells them, cached ones included. */
export const mockUsage = { prompt_tokens: 100, completion_tokens: 20, prompt_tokens_details: { cached_tokens: 64 }, completion_tokens_details: { reasoning_tokens: 7 } }

/** What a row must hold for each answer with {@link mockUsage}; the mock passes the details on at its OpenRouter address only. */
export const bookedTokens = ({ inputTokens, outputTokens, cacheReadTokens, thinkingTokens }: LogView) => ({ inputTokens, outputTokens, cacheReadTokens, thinkingTokens })
export const mockTokens = { inputTokens: 36, outputTokens: 20, cacheReadTokens: 64, thinkingTokens: 7 }

/** A ready-made OpenAI upstream of somebody else, on loopback. `base` is what an account gets. */
export async function startMock(): Promise<{ mock: LLMock, base: string, stop(): Promise<void> }> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1' })
  const url = await mock.start()
  return { mock, base: `${url}/api/v1`, stop: () => mock.stop() }
}
