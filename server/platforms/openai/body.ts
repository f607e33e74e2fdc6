import { sha256Hex } from '../../lib/hash'
import { asFields } from '../_shared/anthropic-reducer'
import type { ChatMessage, Fields } from './chat'
import { textIn } from './chat'
import { chatMessages } from './messages'
import type { OpenaiOptions } from './options'
import { reasoningFields } from './reasoning'
import { isStrict } from './schema'
import { chatTools, toolName, type ChatTools } from './tools'

const MAX_STOPS = 4

export interface ChatRequest {
  body: Fields
  names: ChatTools['names']
  /** Ids of the tool calls in the conversation. */
  callIds: ReadonlySet<string>
}

/**
 * A Messages API body as a chat-completions body. What has no counterpart there (cache marks, betas, service tier, context
 * management) is left out. Throws UnfitRequest for what cannot be left out silently.
 */
export function chatRequest(given: Fields, { model, stream, session, options }: { model: string, stream: boolean, session: string | null, options: OpenaiOptions }): ChatRequest {
  const tools = chatTools(given, options)
  const format = asFields(asFields(given.output_config)?.format) ?? asFields(given.output_format)
  const messages = chatMessages(given.system, given.messages, options, toolName)
  const reasoning = tools.forced ? {} : reasoningFields(given, options)
  return {
    names: tools.names,
    callIds: new Set(messages.flatMap(message => message.tool_calls ?? []).map(({ id }) => id)),
    body: {
      model,
      messages: format ? withSchema(messages, format, options) : messages,
      ...limitOf(given, options),
      ...stream ? { stream: true, ...options.streamUsage ? { stream_options: { include_usage: true } } : {} } : { stream: false },
      ...samplingOf(given, reasoning),
      ...stopsOf(given),
      ...tools.fields,
      ...reasoning,
      ...format ? responseFormat(format, options) : {},
      ...options.sendUserId ? userOf(given, session) : {},
    },
  }
}

function limitOf({ max_tokens: asked }: Fields, { maxTokensField, maxOutputTokens }: OpenaiOptions): Fields {
  const most = maxOutputTokens ?? Infinity
  const limit = typeof asked === 'number' ? Math.min(asked, most) : maxOutputTokens
  return limit === null ? {} : { [maxTokensField]: limit }
}

/** 1 is the default everywhere, and models that reason refuse any other value. */
function samplingOf({ temperature, top_p: topP }: Fields, reasoning: Fields): Fields {
  if (reasoning.reasoning_effort !== undefined || asFields(reasoning.reasoning)?.effort !== undefined) return {}
  return {
    ...typeof temperature === 'number' && temperature !== 1 ? { temperature } : {},
    ...typeof topP === 'number' && topP !== 1 ? { top_p: topP } : {},
  }
}

function stopsOf({ stop_sequences: stops }: Fields): Fields {
  const known = Array.isArray(stops) ? stops.filter(stop => textIn(stop) !== '').slice(0, MAX_STOPS) : []
  return known.length > 0 ? { stop: known } : {}
}

function responseFormat({ schema }: Fields, { jsonSchema }: OpenaiOptions): Fields {
  if (jsonSchema === 'none') return {}
  if (jsonSchema === 'json_object') return { response_format: { type: 'json_object' } }
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, ...isStrict(schema) ? { strict: true } : {} } } }
}

/** Where the upstream cannot be bound to a schema, it is told in words. */
function withSchema(messages: ChatMessage[], { schema }: Fields, { jsonSchema }: OpenaiOptions): ChatMessage[] {
  if (jsonSchema === 'json_schema') return messages
  const text = `Answer with one JSON object and nothing else. It must fit this JSON Schema:\n${JSON.stringify(schema)}`
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: text }, ...messages]
  return [{ ...first, content: `${textIn(first.content)}\n\n${text}` }, ...rest]
}

/** Hashes, since the client's own id holds JSON and is longer than upstreams take. */
function userOf({ metadata }: Fields, session: string | null): Fields {
  const user = textIn(asFields(metadata)?.user_id)
  return {
    ...user === '' ? {} : { user: sha256Hex(deviceOf(user)).slice(0, 32) },
    ...session === null ? {} : { prompt_cache_key: sha256Hex(session).slice(0, 32) },
  }
}

/** The part of the client's id that stays the same over its sessions. */
const deviceOf = (userId: string): string => /"device_id":"([^"]+)"/.exec(userId)?.[1] ?? userId.replace(/_session_.*$/, '')
