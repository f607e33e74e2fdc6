import { fieldsIn, textIn, type Fields } from './chat'

/** The reasoning in a delta or message, in the first field of those that upstreams use; some fill several with the same words. */
export function reasoningIn(delta: Fields): string {
  return textIn(delta.reasoning_content) || textIn(delta.reasoning)
    || fieldsIn(delta.reasoning_details).map(detail => textIn(detail.text) || textIn(detail.summary)).join('')
}

/** The content in a delta or message as pieces in order: a text, or (Mistral) a list of parts. */
export function contentIn({ content }: Fields): { kind: 'text' | 'thinking', piece: string }[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', piece: content }]
  return fieldsIn(content).map(part => part.type === 'thinking'
    ? { kind: 'thinking' as const, piece: textIn(part.thinking) || fieldsIn(part.thinking).map(one => textIn(one.text)).join('') }
    : { kind: 'text' as const, piece: textIn(part.text) }).filter(({ piece }) => piece !== '')
}
