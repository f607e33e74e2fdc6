import { asFields } from '../_shared/anthropic-reducer'
import { UnfitRequest } from '../platform'
import { fieldsIn, textIn, type ChatMessage, type ChatPart, type ChatToolCall, type Fields } from './chat'
import { contentParts, systemText, toolResult } from './content'
import type { OpenaiOptions } from './options'

type NameOf = (name: string) => string

/**
 * The conversation in chat-completions form. Tool results stand directly behind the turn that called, in the order of its calls;
 * turns of one role in a row are one. Throws UnfitRequest.
 */
export function chatMessages(system: unknown, messages: unknown, options: OpenaiOptions, nameOf: NameOf): ChatMessage[] {
  if (!Array.isArray(messages)) throw new UnfitRequest('messages: a list is expected.')
  const turns = new Turns()
  const first = systemText(system)
  if (first !== '') turns.say('system', [{ type: 'text', text: first }])
  for (const message of messages) {
    const fields = asFields(message) ?? {}
    if (fields.role === 'assistant') turns.assistant(assistantTurn(fields.content, options, nameOf))
    else if (fields.role === 'system') systemTurn(turns, fields.content, options)
    else userTurn(turns, fields.content, options)
  }
  return turns.end()
}

function systemTurn(turns: Turns, content: unknown, { systemMessages }: OpenaiOptions): void {
  const text = systemText(content)
  if (text === '') return
  if (systemMessages === 'in_place') turns.say('system', [{ type: 'text', text }])
  else turns.say('user', [{ type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` }])
}

function userTurn(turns: Turns, content: unknown, options: OpenaiOptions): void {
  const blocks = fieldsIn(content)
  const results = blocks.filter(block => block.type === 'tool_result')
  for (const block of results) {
    const { text, media } = toolResult(block, options)
    turns.result(textIn(block.tool_use_id), text)
    if (media.length > 0) turns.say('user', [{ type: 'text', text: `From the result of ${textIn(block.tool_use_id)}:` }, ...media])
  }
  const parts = contentParts(results.length > 0 ? blocks.filter(block => block.type !== 'tool_result') : content, options)
  if (parts.length > 0 || results.length === 0) turns.say('user', parts)
}

interface AssistantTurn { text: string, calls: ChatToolCall[], reasoning: Pick<ChatMessage, 'reasoning' | 'reasoning_content'> }

function assistantTurn(content: unknown, { reasoningReplay }: OpenaiOptions, nameOf: NameOf): AssistantTurn {
  if (typeof content === 'string') return { text: content, calls: [], reasoning: {} }
  const blocks = fieldsIn(content)
  const texts = (type: string, field: string) => blocks.flatMap(block => block.type === type && textIn(block[field]) !== '' ? textIn(block[field]) : []).join('\n')
  const thought = texts('thinking', 'thinking')
  return {
    text: texts('text', 'text'),
    calls: blocks.filter(block => block.type === 'tool_use').map(block => toolCall(block, nameOf)),
    reasoning: thought !== '' && reasoningReplay !== 'none' ? { [reasoningReplay]: thought } : {},
  }
}

const toolCall = (block: Fields, nameOf: NameOf): ChatToolCall =>
  ({ id: textIn(block.id), type: 'function', function: { name: nameOf(textIn(block.name)), arguments: JSON.stringify(asFields(block.input) ?? {}) } })

/** Puts turns in the order that the format demands. */
class Turns {
  private readonly messages: ChatMessage[] = []
  private results: ChatMessage[] = []
  private said: { role: 'system' | 'user', parts: ChatPart[] }[] = []

  say(role: 'system' | 'user', parts: ChatPart[]): void {
    const last = this.said.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else this.said.push({ role, parts: [...parts] })
  }

  result(id: string, content: string): void {
    this.results.push({ role: 'tool', tool_call_id: id, content })
  }

  assistant({ text, calls, reasoning }: AssistantTurn): void {
    if (text === '' && calls.length === 0) return
    this.flush()
    const last = this.messages.at(-1)
    if (last?.role === 'assistant') {
      last.content = [last.content, text].filter(Boolean).join('\n') || null
      if (calls.length > 0) last.tool_calls = [...last.tool_calls ?? [], ...calls]
      Object.assign(last, reasoning)
      return
    }
    this.messages.push({ role: 'assistant', content: text === '' ? null : text, ...calls.length > 0 ? { tool_calls: calls } : {}, ...reasoning })
  }

  end(): ChatMessage[] {
    this.flush()
    return this.messages
  }

  private flush(): void {
    const order = new Map((this.messages.at(-1)?.tool_calls ?? []).map(({ id }, at) => [id, at]))
    const place = ({ tool_call_id: id = '' }: ChatMessage) => order.get(id) ?? order.size
    this.messages.push(...this.results.sort((a, b) => place(a) - place(b)))
    this.messages.push(...this.said.map(({ role, parts }): ChatMessage => ({ role, content: contentOf(parts) })))
    this.results = []
    this.said = []
  }
}

/** Text alone goes as a string, the form that every upstream takes. */
function contentOf(parts: ChatPart[]): string | ChatPart[] {
  const texts = parts.flatMap(part => part.type === 'text' ? part.text : [])
  return texts.length === parts.length ? texts.join('\n\n') : parts
}
