import { asFields } from '../_shared/anthropic-reducer'
import { UnfitRequest } from '../platform'
import { fieldsIn, textIn, type ChatPart, type Fields } from './chat'
import type { OpenaiOptions } from './options'

/** What the client puts into the system prompt for the official API alone; it changes with every conversation. */
const BILLING = 'x-anthropic-billing-header'

const text = (value: string): ChatPart => ({ type: 'text', text: value })
const unfit = (what: string): UnfitRequest => new UnfitRequest(`${what} cannot be sent to an OpenAI-format upstream. Take it out of the conversation, or ask the operator for an account that takes it.`)

/** A system prompt in any of its forms as one text. */
export function systemText(content: unknown): string {
  const texts = typeof content === 'string' ? [content] : fieldsIn(content).map(block => textIn(block.text))
  return texts.filter(one => one !== '' && !one.startsWith(BILLING)).join('\n\n')
}

/** Blocks of a user's turn as content parts, in order; tool results are not among them. Throws UnfitRequest. */
export function contentParts(content: unknown, options: OpenaiOptions): ChatPart[] {
  if (typeof content === 'string') return content === '' ? [] : [text(content)]
  return fieldsIn(content).flatMap(block => partsOf(block, options))
}

function partsOf(block: Fields, options: OpenaiOptions): ChatPart[] {
  switch (block.type) {
    case 'image': return [image(asFields(block.source) ?? {})]
    case 'document': return document(block, options)
    case 'search_result': return [text([`Search result: ${textIn(block.title)} (${textIn(block.source)})`, systemText(block.content)].join('\n'))]
    case 'tool_reference': return [text(`Tool ${textIn(block.tool_name)} is available now.`)]
    default: return textIn(block.text) === '' ? [] : [text(textIn(block.text))]
  }
}

function image(source: Fields): ChatPart {
  if (source.type === 'base64') return { type: 'image_url', image_url: { url: `data:${textIn(source.media_type) || 'image/png'};base64,${textIn(source.data)}` } }
  if (source.type === 'url') return { type: 'image_url', image_url: { url: textIn(source.url) } }
  throw unfit(`An image by ${textIn(source.type) || 'an unknown kind of'} reference`)
}

function document(block: Fields, options: OpenaiOptions): ChatPart[] {
  const source = asFields(block.source) ?? {}
  const title = textIn(block.title) || 'document'
  const head = [`Document: ${title}`, textIn(block.context)].filter(Boolean).join('\n')
  if (source.type === 'text') return [text(`${head}\n\n${textIn(source.data)}`)]
  if (source.type === 'content') return [text(head), ...contentParts(source.content, options)]
  if (source.type !== 'base64') throw unfit(`A document by ${textIn(source.type) || 'an unknown kind of'} reference`)
  if (options.documents !== 'file') throw unfit('A PDF document')
  return [{ type: 'file', file: { filename: /\.pdf$/i.test(title) ? title : `${title}.pdf`, file_data: `data:${textIn(source.media_type) || 'application/pdf'};base64,${textIn(source.data)}` } }]
}

/**
 * A tool's result: the format knows only text there, so images and files come apart, to be sent in a turn of their own, and an
 * error is told in words.
 */
export function toolResult(block: Fields, options: OpenaiOptions): { text: string, media: ChatPart[] } {
  const parts = contentParts(block.content, options)
  const said = parts.flatMap(part => part.type === 'text' ? part.text : []).join('\n')
  const media = parts.filter(part => part.type !== 'text')
  if (block.is_error === true) return { text: said === '' ? 'Error' : `Error: ${said}`, media }
  return { text: said === '' && media.length > 0 ? 'The result follows in the next message.' : said, media }
}
