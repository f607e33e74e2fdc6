import type { HelpEntry, HelpHit, HelpPage, HelpView } from '#shared/types/help'
import type { Language } from '#shared/utils/language'
import { notFound } from '../lib/errors'
import { readMarkdown, type ReadPage } from './markdown'

/** Where the texts lie: names such as `en/10-windows.md`, in any order. */
export interface HelpSource {
  names(): Promise<string[]>
  /** Null when there is no such file. */
  read(name: string): Promise<string | null>
}

interface Book { slug: string, page: ReadPage }

const MAX_HITS = 20
const EXCERPT = 160

/** The help, read once per language on first use. The number before a file's name is its place in the order. */
export function createHelp(source: HelpSource) {
  const books = new Map<Language, Promise<Book[]>>()

  function bookOf(language: Language): Promise<Book[]> {
    const known = books.get(language)
    if (known) return known
    const reading = readBook(source, language).catch((error: unknown) => {
      books.delete(language)
      throw error
    })
    books.set(language, reading)
    return reading
  }

  return {
    async has(language: Language, slug: string): Promise<boolean> {
      return (await bookOf(language)).some(book => book.slug === slug)
    },
    /** One page with the list of all, and the places that hold all words of `q`. Throws `not_found`. */
    async view({ language, page: slug, q }: { language: Language, page: string, q?: string | undefined }): Promise<HelpView> {
      const book = await bookOf(language)
      const at = book.findIndex(each => each.slug === slug)
      const found = book[at]
      if (!found) throw notFound('help page')
      const { title, parts, headings } = found.page
      const page: HelpPage = { slug, title, parts, headings, previous: entryOf(book[at - 1]), next: entryOf(book[at + 1]) }
      return { contents: book.map(each => entryOf(each)!), page, found: q ? search(book, q) : null }
    },
  }
}

export type Help = ReturnType<typeof createHelp>

async function readBook(source: HelpSource, language: Language): Promise<Book[]> {
  const names = (await source.names()).filter(name => name.startsWith(`${language}/`)).sort()
  return await Promise.all(names.map(async (name) => {
    const text = await source.read(name)
    return { slug: /\/(?:\d+-)?([\w-]+)\.md$/.exec(name)?.[1] ?? name, page: readMarkdown(text ?? '') }
  }))
}

const entryOf = (book: Book | undefined): HelpEntry | null => book ? { slug: book.slug, title: book.page.title } : null

/** Sections that hold every word, those with all words in their heading first. */
function search(book: Book[], q: string): HelpHit[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  const holds = (text: string) => words.every(word => text.toLowerCase().includes(word))
  const hits = book.flatMap(({ slug, page }) => page.sections
    .filter(({ heading, text }) => holds(text) || (heading === null && holds(page.title)))
    .map(({ heading, text }) => ({ slug, title: page.title, heading, excerpt: excerptOf(text, words) })))
  const rank = ({ title, heading }: HelpHit) => holds(heading?.text ?? title) ? 0 : 1
  return hits.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_HITS)
}

function excerptOf(text: string, words: string[]): string {
  const first = Math.min(...words.map(word => text.toLowerCase().indexOf(word)).filter(at => at >= 0), text.length)
  const start = first < 40 || first === text.length ? 0 : first - 40
  return `${start > 0 ? '…' : ''}${text.slice(start, start + EXCERPT)}${start + EXCERPT < text.length ? '…' : ''}`
}
