/** A page of the help, as the list of contents knows it. */
export interface HelpEntry {
  /** Last part of its path; `index` is the first page, at /help. */
  slug: string
  title: string
}

/** Pieces of a page in their order. Both hold the placeholders `{{url}}` and `{{key}}`. */
export type HelpPart
  /** Safe HTML, made from Markdown. */
  = | { kind: 'html', html: string }
  /** Something to paste. `language` is the fence's first word, `label` the rest of its line. */
    | { kind: 'code', language: string, label: string, text: string }

export interface HelpHeading { id: string, text: string, level: 2 | 3 }

export interface HelpPage extends HelpEntry {
  parts: HelpPart[]
  headings: HelpHeading[]
  previous: HelpEntry | null
  next: HelpEntry | null
}

/** A place that holds what was searched for. */
export interface HelpHit extends HelpEntry {
  /** Of the section; null for what comes before the first one. */
  heading: HelpHeading | null
  excerpt: string
}

/** Answer of GET /api/public/help. */
export interface HelpView {
  contents: HelpEntry[]
  page: HelpPage
  /** Null when nothing was searched for. */
  found: HelpHit[] | null
}
