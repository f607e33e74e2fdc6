/** The part of the chat-completions format that is sent. What comes back is read field by field, since no two upstreams agree on it. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: string | ChatPart[] | null
  tool_calls?: ChatToolCall[]
  tool_call_id?: string
  reasoning_content?: string
  reasoning?: string
}

export type ChatPart
  = { type: 'text', text: string }
    | { type: 'image_url', image_url: { url: string } }
    | { type: 'file', file: { filename: string, file_data: string } }

export interface ChatToolCall {
  id: string
  type: 'function'
  function: { name: string, arguments: string }
}

export interface ChatTool {
  type: 'function'
  function: { name: string, description?: string, parameters: Fields }
}

export type Fields = Record<string, unknown>

/** The entries of a list that are objects; empty for anything else. */
export const fieldsIn = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.filter((one): one is Fields => typeof one === 'object' && one !== null && !Array.isArray(one)) : []

/** A text, or empty. */
export const textIn = (value: unknown): string => typeof value === 'string' ? value : ''
