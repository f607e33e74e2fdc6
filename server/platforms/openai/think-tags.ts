export type Said = (kind: 'text' | 'thinking', piece: string) => void

const OPEN = '<think>'
const CLOSE = '</think>'

/**
 * Takes reasoning out of content that begins with `<think>…</think>`, however the tags are cut. Tags further on are the answer's
 * own words.
 */
export class ThinkTags {
  private state: 'start' | 'thinking' | 'text' = 'start'
  /** What may be a part of a tag, or blanks that nothing follows yet. */
  private held = ''
  /** Blanks next to a tag are not content. */
  private trim = false

  constructor(private readonly said: Said) {}

  push(piece: string): void {
    if (this.state === 'text') return this.give('text', piece)
    const all = this.held + piece
    this.held = ''
    if (this.state === 'start') this.begin(all)
    else this.think(all)
  }

  /** Nothing that could complete a tag follows: something else came, or the end. */
  flush(): void {
    const rest = this.held
    this.held = ''
    if (rest === '') return
    if (this.state === 'thinking') return this.give('thinking', rest)
    this.state = 'text'
    this.give('text', rest)
  }

  private begin(all: string): void {
    const text = all.trimStart()
    if (text.startsWith(OPEN)) {
      this.state = 'thinking'
      this.trim = true
      return this.think(text.slice(OPEN.length))
    }
    if (OPEN.startsWith(text)) this.held = all
    else {
      this.state = 'text'
      this.give('text', all)
    }
  }

  private think(all: string): void {
    const end = all.indexOf(CLOSE)
    if (end < 0) {
      const keep = tagBegun(all)
      this.held = all.slice(all.length - keep)
      return this.give('thinking', all.slice(0, all.length - keep))
    }
    this.give('thinking', all.slice(0, end))
    this.state = 'text'
    this.trim = true
    this.give('text', all.slice(end + CLOSE.length))
  }

  private give(kind: 'text' | 'thinking', piece: string): void {
    const text = this.trim ? piece.trimStart() : piece
    if (text === '') return
    this.trim = false
    this.said(kind, text)
  }
}

/** Length of the end of the text that begins a closing tag. */
function tagBegun(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) if (text.endsWith(CLOSE.slice(0, length))) return length
  return 0
}
