import { Marked, type RendererObject, type Token, type Tokens } from 'marked'
import type { HelpHeading, HelpPart } from '#shared/types/help'
import { escapeHtml } from '#shared/utils/escape-html'

/** A page, read: what is shown, and what a search looks through. */
export interface ReadPage {
  title: string
  parts: HelpPart[]
  headings: HelpHeading[]
  sections: { heading: HelpHeading | null, text: string }[]
}

/**
 * Reads Markdown. HTML inside it stays text, links lead to pages, anchors and https addresses only. A heading's id is its
 * words in lower case, or what stands behind it as `{#id}`. Throws without a `# title` in the first place.
 */
export function readMarkdown(source: string): ReadPage {
  const tokens = marked.lexer(source)
  const [first, ...rest] = tokens.filter(({ type }) => type !== 'space')
  if (first?.type !== 'heading' || (first as Tokens.Heading).depth !== 1) throw new Error('A help page begins with "# " and its title.')
  const page: ReadPage = { title: plain(first), parts: [], headings: [], sections: [{ heading: null, text: '' }] }
  for (const token of rest) add(page, token)
  return page
}

function add(page: ReadPage, token: Token): void {
  if (token.type === 'code') page.parts.push(snippet(token as Tokens.Code))
  else {
    const html = marked.parser([token])
    const last = page.parts.at(-1)
    if (last?.kind === 'html') last.html += html
    else page.parts.push({ kind: 'html', html })
  }
  if (token.type === 'heading') {
    const heading = headingOf(token as Tokens.Heading)
    page.headings.push(heading)
    page.sections.push({ heading, text: heading.text })
  }
  else {
    const section = page.sections.at(-1)!
    section.text = `${section.text} ${plain(token)}`.trim()
  }
}

function snippet({ lang = '', text }: Tokens.Code): HelpPart {
  const [language = '', ...label] = lang.trim().split(/\s+/)
  return { kind: 'code', language, label: label.join(' '), text }
}

const idMark = /\s*\{#([\w-]+)\}\s*$/

function headingOf(token: Tokens.Heading): HelpHeading {
  const text = plain(token)
  const [, given] = idMark.exec(token.text) ?? []
  return { id: given ?? text.toLowerCase().replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-|-$/g, ''), text, level: token.depth === 2 ? 2 : 3 }
}

/** The words of a token without their marks. */
function plain(token: Token): string {
  if ('tokens' in token && token.tokens?.length) return token.tokens.map(plain).join(token.type === 'list_item' ? ' ' : '').replace(idMark, '')
  if (token.type === 'list') return (token as Tokens.List).items.map(plain).join(' ')
  if (token.type === 'table') return [(token as Tokens.Table).header, ...(token as Tokens.Table).rows].flat().map(cell => cell.tokens.map(plain).join('')).join(' ')
  if (token.type === 'br' || token.type === 'space') return ' '
  return 'text' in token && typeof token.text === 'string' ? token.text.replace(idMark, '') : ''
}

const isSafe = (href: string): boolean => /^(?:https:\/\/|\/(?!\/)|#)/.test(href)

/** What holds for every text, whoever wrote it. */
const safe: RendererObject = {
  html: ({ text }) => escapeHtml(text),
  image: ({ text }) => escapeHtml(text),
  table(token) {
    const row = (cells: Tokens.TableCell[], tag: string) => `<tr>${cells.map(cell => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`
    return `<div class="table" tabindex="0" role="group"><table><thead>${row(token.header, 'th scope="col"').replaceAll('</th scope="col">', '</th>')}</thead><tbody>${token.rows.map(cells => row(cells, 'td')).join('')}</tbody></table></div>\n`
  },
}

const marked = new Marked({
  renderer: {
    ...safe,
    heading(token) {
      const { id, level } = headingOf(token)
      const inner = this.parser.parseInline(token.tokens).replace(idMark, '')
      return `<h${level} id="${escapeHtml(id)}"><a href="#${escapeHtml(id)}">${inner}</a></h${level}>\n`
    },
    link({ href, tokens }) {
      const inner = this.parser.parseInline(tokens)
      if (!isSafe(href)) return inner
      return `<a href="${escapeHtml(href)}"${href.startsWith('https:') ? ' rel="noopener noreferrer"' : ''}>${inner}</a>`
    },
  },
})

const words = new Marked({
  renderer: {
    ...safe,
    heading({ depth, tokens }) {
      const level = depth <= 2 ? 3 : 4
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`
    },
    checkbox: ({ checked }) => checked ? '☑ ' : '☐ ',
    link({ href, tokens }) {
      const inner = this.parser.parseInline(tokens)
      return leadsSafely(href) ? `<a href="${escapeHtml(href)}" rel="noopener nofollow">${inner}</a>` : inner
    },
  },
})

/** Markdown that the operator wrote, as HTML for inside a page: no HTML of its own, headings below the page's, links that lead to pages and mailboxes only. */
export const renderWords = (source: string): string => words.parse(source, { async: false })

const HERE = 'https://here.invalid'
const leadingOut = ['https:', 'http:', 'mailto:']

/** As a browser reads it: `java\nscript:` is a scheme, and `/\\host` is another host. */
function leadsSafely(href: string): boolean {
  if (!URL.canParse(href, HERE)) return false
  const { protocol, origin } = new URL(href, HERE)
  return leadingOut.includes(protocol) && (origin === HERE || /^(?:https?:\/\/|mailto:)/i.test(href))
}
