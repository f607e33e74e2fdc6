import { z } from 'zod'
import type { FormField } from '#shared/types/form'

/** What differs between upstreams of this format; kept per account. */
export const openaiOptions = z.strictObject({
  /** Instructions between turns: where they stand, or as text of the user's turn for upstreams that take a system message only first. */
  systemMessages: z.enum(['in_place', 'merged']).default('in_place'),
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  /** Cap on the output tokens asked for; null: as the client asks. */
  maxOutputTokens: z.int().min(1).max(10_000_000).nullable().default(null),
  /** How the upstream is told to reason. */
  reasoning: z.enum(['none', 'reasoning_effort', 'reasoning', 'thinking', 'enable_thinking']).default('none'),
  /** Field in which earlier reasoning goes back with the assistant's turns. */
  reasoningReplay: z.enum(['none', 'reasoning_content', 'reasoning']).default('none'),
  strictSchemas: z.boolean().default(false),
  jsonSchema: z.enum(['json_schema', 'json_object', 'none']).default('json_schema'),
  documents: z.enum(['reject', 'file']).default('reject'),
  streamUsage: z.boolean().default(true),
  sendUserId: z.boolean().default(false),
})

export type OpenaiOptions = z.output<typeof openaiOptions>

const none = { value: 'none', label: 'openai.choices.none' }
/** A choice that is the name of a field and needs no words. */
const field = (value: string, maker?: string) => ({ value, label: maker ? `${value} (${maker})` : value })

/** How the console shows them. */
export const optionFields: FormField[] = [
  { name: 'options.maxOutputTokens', kind: 'number', label: 'openai.maxOutputTokens', help: 'openai.maxOutputTokensHelp' },
  { name: 'options.maxTokensField', kind: 'select', label: 'openai.maxTokensField', help: 'openai.maxTokensFieldHelp', options: [field('max_tokens'), field('max_completion_tokens')] },
  {
    name: 'options.reasoning', kind: 'select', label: 'openai.reasoning', help: 'openai.reasoningHelp',
    options: [none, field('reasoning_effort', 'OpenAI'), field('reasoning', 'OpenRouter'), field('thinking', 'GLM, DeepSeek'), field('enable_thinking', 'Qwen')],
  },
  { name: 'options.reasoningReplay', kind: 'select', label: 'openai.reasoningReplay', help: 'openai.reasoningReplayHelp', options: [none, field('reasoning_content'), field('reasoning')] },
  {
    name: 'options.systemMessages', kind: 'select', label: 'openai.systemMessages', help: 'openai.systemMessagesHelp',
    options: [{ value: 'in_place', label: 'openai.choices.inPlace' }, { value: 'merged', label: 'openai.choices.merged' }],
  },
  {
    name: 'options.jsonSchema', kind: 'select', label: 'openai.jsonSchema', help: 'openai.jsonSchemaHelp',
    options: [{ value: 'json_schema', label: 'openai.choices.jsonSchema' }, { value: 'json_object', label: 'openai.choices.jsonObject' }, none],
  },
  {
    name: 'options.documents', kind: 'select', label: 'openai.documents', help: 'openai.documentsHelp',
    options: [{ value: 'reject', label: 'openai.choices.reject' }, { value: 'file', label: 'openai.choices.file' }],
  },
  { name: 'options.strictSchemas', kind: 'switch', label: 'openai.strictSchemas', help: 'openai.strictSchemasHelp' },
  { name: 'options.streamUsage', kind: 'switch', label: 'openai.streamUsage', help: 'openai.streamUsageHelp' },
  { name: 'options.sendUserId', kind: 'switch', label: 'openai.sendUserId', help: 'openai.sendUserIdHelp' },
]
