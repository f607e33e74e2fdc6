import { escapeHtml } from './escape-html'

export interface HelpFacts {
  /** Where clients reach this server, such as `https://relay.example`. */
  url: string
  key: string
}

/** Puts this server's address and the reader's key in place of `{{url}}` and `{{key}}`. */
export function fillHelp(text: string, { url, key }: HelpFacts): string {
  return text.replaceAll('{{url}}', () => url).replaceAll('{{key}}', () => key)
}

/** The same for HTML. */
export const fillHelpHtml = (html: string, { url, key }: HelpFacts): string => fillHelp(html, { url: escapeHtml(url), key: escapeHtml(key) })

/** Does the text look like a key of ours? Nothing else may stand in a command to be pasted. */
export const isKeyLike = (text: string): boolean => /^[\w-]{8,200}$/.test(text)
