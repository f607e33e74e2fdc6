import type { Preset } from '../platform'
import { openaiOptions } from './options'

/** Every preset fills in every option, so that one chosen after another leaves nothing of the first behind. */
const preset = (id: string, label: string, baseUrl: string, options: Parameters<typeof openaiOptions.parse>[0]): Preset =>
  ({ id, label, baseUrl, options: openaiOptions.parse(options) })

export const openaiPresets: readonly Preset[] = [
  preset('openai', 'OpenAI', 'https://api.openai.com/v1', { maxTokensField: 'max_completion_tokens', reasoning: 'reasoning_effort', documents: 'file', sendUserId: true }),
  preset('deepseek', 'DeepSeek', 'https://api.deepseek.com/v1', { maxOutputTokens: 8_192, reasoning: 'thinking', reasoningReplay: 'reasoning_content', jsonSchema: 'json_object' }),
  preset('glm', 'GLM (Zhipu, Z.ai)', 'https://open.bigmodel.cn/api/paas/v4', { maxOutputTokens: 98_304, reasoning: 'thinking', reasoningReplay: 'reasoning_content', jsonSchema: 'json_object', systemMessages: 'merged' }),
  preset('qwen', 'Qwen (DashScope)', 'https://dashscope.aliyuncs.com/compatible-mode/v1', { maxOutputTokens: 32_768, reasoning: 'enable_thinking', jsonSchema: 'json_object', systemMessages: 'merged' }),
  preset('kimi', 'Kimi (Moonshot)', 'https://api.moonshot.cn/v1', { maxOutputTokens: 32_768, reasoningReplay: 'reasoning_content', jsonSchema: 'json_object', strictSchemas: true }),
  preset('openrouter', 'OpenRouter', 'https://openrouter.ai/api/v1', { reasoning: 'reasoning', reasoningReplay: 'reasoning', documents: 'file' }),
  preset('ollama', 'Ollama', 'http://127.0.0.1:11434/v1', { maxOutputTokens: 16_384, reasoning: 'reasoning_effort', systemMessages: 'merged' }),
  preset('vllm', 'vLLM', 'http://127.0.0.1:8000/v1', { maxOutputTokens: 16_384, systemMessages: 'merged' }),
]
