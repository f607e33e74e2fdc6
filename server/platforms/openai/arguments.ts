/** Sees in passing when a JSON object is closed. */
class Depth {
  private depth = 0
  private inString = false
  private escaped = false
  private begun = false

  push(text: string): void {
    for (let at = 0; at < text.length; at++) this.take(text.charCodeAt(at))
  }

  get complete(): boolean {
    return this.begun && this.depth === 0
  }

  private take(code: number): void {
    if (this.escaped) this.escaped = false
    else if (this.inString) {
      if (code === 92) this.escaped = true
      else if (code === 34) this.inString = false
    }
    else if (code === 34) this.inString = true
    else if (code === 123 || code === 91) {
      this.depth++
      this.begun = true
    }
    else if (code === 125 || code === 93) this.depth--
  }
}

/**
 * The arguments of one tool call, which are one JSON object. Upstreams send them in pieces; some repeat what they sent, in each chunk
 * (snapshots) or once more at the end. A piece that begins with all that came before may be either, so it waits for the next.
 */
export class Arguments {
  private all = ''
  private depth = new Depth()
  private doubtful: string | null = null
  private snapshots = false

  /** Closed, so that anything further is a repetition. */
  get complete(): boolean {
    return this.depth.complete
  }

  get text(): string {
    return this.all
  }

  /** What is new with this piece; empty while it waits. */
  push(piece: string): string {
    if (piece === '' || this.complete) return ''
    if (this.doubtful !== null) return this.decide(piece)
    if (this.all.length >= 2 && piece.length >= this.all.length && piece.startsWith(this.all)) {
      if (this.snapshots) return this.add(piece.slice(this.all.length))
      this.doubtful = piece
      return ''
    }
    return this.snapshots && this.all.startsWith(piece) ? '' : this.add(piece)
  }

  /** Nothing follows: what still waits. An object without a word is empty. */
  end(): string {
    const piece = this.doubtful
    this.doubtful = null
    if (piece !== null) return this.add(isWhole(piece) ? piece.slice(this.all.length) : piece)
    return this.all === '' ? this.add('{}') : ''
  }

  private decide(piece: string): string {
    const before = this.doubtful!
    this.doubtful = null
    this.snapshots = piece.startsWith(before)
    const first = this.add(this.snapshots ? before.slice(this.all.length) : before)
    return first + this.push(piece)
  }

  private add(text: string): string {
    this.all += text
    this.depth.push(text)
    return text
  }
}

function isWhole(text: string): boolean {
  const depth = new Depth()
  depth.push(text)
  return depth.complete
}
