import { asFields } from '../_shared/anthropic-reducer'
import { sha256Hex } from '../../lib/hash'
import { UnfitRequest } from '../platform'
import { fieldsIn, textIn, type ChatTool, type Fields } from './chat'
import { objectSchema } from './schema'

const NAME = /^[a-zA-Z0-9_-]{1,64}$/

/** Names in the form that upstreams take; others are cut and marked so that they stay distinct. */
export const toolName = (name: string): string =>
  NAME.test(name) ? name : `${name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 51)}_${sha256Hex(name).slice(0, 12)}`

export interface ChatTools {
  /** `tools`, `tool_choice` and `parallel_tool_calls`, those that apply. */
  fields: Fields
  /** Was one tool, or any, made compulsory? */
  forced: boolean
  /** The client's names by those that were sent, where they differ. */
  names: ReadonlyMap<string, string>
}

/**
 * The tools that the upstream can be offered. Tools that the official API runs itself are left out; deferred ones are offered once
 * the conversation has named them. Throws UnfitRequest when nothing but tools of the official API was asked for.
 */
export function chatTools(body: Fields, { strictSchemas }: { strictSchemas: boolean }): ChatTools {
  const given = fieldsIn(body.tools)
  const added = mentioned(body.messages)
  const own = [...given, ...added.definitions].filter(tool => textIn(tool.name) !== '' && (tool.type === undefined || tool.type === 'custom' || asFields(tool.input_schema)))
  if (given.length > 0 && own.length === 0) throw new UnfitRequest(`The tool ${textIn(given[0]!.name) || textIn(given[0]!.type)} cannot be sent to an OpenAI-format upstream: only the official API runs it.`)
  const offered = own.filter(tool => tool.defer_loading !== true || added.names.has(textIn(tool.name)))
  const names = new Map(offered.flatMap((tool) => {
    const name = textIn(tool.name)
    return toolName(name) === name ? [] : [[toolName(name), name] as const]
  }))
  if (offered.length === 0) return { fields: {}, forced: false, names }
  const choice = asFields(body.tool_choice) ?? {}
  const toolChoice = choiceOf(choice, offered)
  return {
    fields: {
      tools: offered.map(tool => chatTool(tool, strictSchemas)),
      ...toolChoice === undefined ? {} : { tool_choice: toolChoice },
      ...choice.disable_parallel_tool_use === true ? { parallel_tool_calls: false } : {},
    },
    forced: toolChoice === 'required' || typeof toolChoice === 'object',
    names,
  }
}

function chatTool(tool: Fields, plain: boolean): ChatTool {
  const description = textIn(tool.description)
  return { type: 'function', function: { name: toolName(textIn(tool.name)), ...description === '' ? {} : { description }, parameters: objectSchema(asFields(tool.input_schema) ?? {}, plain) } }
}

function choiceOf(choice: Fields, offered: Fields[]): unknown {
  switch (choice.type) {
    case 'auto': return 'auto'
    case 'any': return 'required'
    case 'none': return 'none'
    case 'tool': return offered.some(tool => tool.name === choice.name) ? { type: 'function', function: { name: toolName(textIn(choice.name)) } } : undefined
    default: return undefined
  }
}

/** Tools that the conversation brought up: by the result of a search, or by a change of tools on the way. */
function mentioned(messages: unknown): { names: ReadonlySet<string>, definitions: Fields[] } {
  const names = new Set<string>()
  const definitions: Fields[] = []
  const add = (reference: Fields) => {
    const name = textIn(reference.tool_name) || textIn(reference.name)
    if (name !== '') names.add(name)
  }
  for (const block of fieldsIn(messages).flatMap(message => fieldsIn(message.content))) {
    if (block.type === 'tool_result') fieldsIn(block.content).filter(one => one.type === 'tool_reference').forEach(add)
    const tool = block.type === 'tool_addition' ? asFields(block.tool) : null
    if (!tool) continue
    const definition = asFields(tool.definition)
    if (definition) definitions.push(definition)
    else add(tool)
  }
  return { names, definitions }
}
