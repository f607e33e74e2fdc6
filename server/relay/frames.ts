const LF = 10
const CR = 13
const COLON = 58
/** `event: content_block_delta` and its kin carry no usage and are passed on unread. */
const CONTENT = Buffer.from('content_block')
const MAX_HELD = 1024 * 1024

export interface FrameSink {
  /** A whole frame that may carry usage, an error or the end; content frames and comments are not reported. */
  frame(bytes: Buffer, event: string): void
}

/**
 * Cuts a stream of server-sent events at frame borders. Bytes go out unchanged and in order, but only whole frames at a time,
 * so that what the relay adds (pings, errors) never lands inside one. A frame over 1 MiB is passed on in pieces.
 */
export class FrameCutter {
  private tail: Buffer | null = null
  /** Inside a frame too large to hold, of which a part went out. */
  private oversized = false

  constructor(private readonly sink: FrameSink) {}

  /** May something be inserted now? */
  get atBorder(): boolean {
    return !this.oversized
  }

  /** Whole frames that are complete with this chunk, or null. Frames are reported to the sink before they are returned. */
  push(chunk: Buffer): Buffer | null {
    const bytes = this.tail ? Buffer.concat([this.tail, chunk]) : chunk
    this.tail = null
    let start = 0
    if (this.oversized) {
      const end = frameEnd(bytes, 0)
      if (end < 0) return this.passPieces(bytes)
      this.oversized = false
      start = end
    }
    for (let end = frameEnd(bytes, start); end >= 0; end = frameEnd(bytes, start)) {
      this.report(bytes, start, end)
      start = end
    }
    if (start < bytes.length) {
      const rest = bytes.subarray(start)
      if (rest.length > MAX_HELD) {
        this.oversized = true
        const pieces = this.passPieces(rest)
        return pieces && Buffer.concat([bytes.subarray(0, start), pieces])
      }
      this.tail = rest
    }
    return start === 0 ? null : start === bytes.length ? bytes : bytes.subarray(0, start)
  }

  /** What is left when the upstream ended cleanly: a frame without its closing blank line still counts. */
  end(): Buffer | null {
    const rest = this.tail
    this.tail = null
    if (rest) this.report(rest, 0, rest.length)
    return rest
  }

  /** The last three bytes stay, since a frame's end may be split over chunks. */
  private passPieces(bytes: Buffer): Buffer | null {
    const keep = Math.max(0, bytes.length - 3)
    this.tail = bytes.subarray(keep)
    return keep > 0 ? bytes.subarray(0, keep) : null
  }

  private report(bytes: Buffer, start: number, end: number): void {
    let at = start
    while (at < end && (bytes[at] === LF || bytes[at] === CR)) at++
    if (at === end) return
    // `event: c…` (with or without the space) is content; a leading colon is a comment.
    if (bytes[at] === COLON && isLastLine(bytes, at, end)) return
    const name = bytes[at + 6] === 32 ? at + 7 : at + 6
    if (bytes[at] === 101 && startsAt(bytes, name, CONTENT)) return
    const frame = bytes.subarray(at, end)
    this.sink.frame(frame, eventName(frame))
  }
}

/** Index after the blank line that ends the frame beginning at `from`, or -1. Lines end with LF or CRLF. */
function frameEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3
  }
  return -1
}

/** Byte by byte: a call of Buffer's own comparison costs more than the few bytes. */
function startsAt(bytes: Buffer, from: number, word: Buffer): boolean {
  for (let at = 0; at < word.length; at++) if (bytes[from + at] !== word[at]) return false
  return true
}

function isLastLine(bytes: Buffer, from: number, end: number): boolean {
  const lineEnd = bytes.indexOf(LF, from)
  if (lineEnd < 0 || lineEnd >= end) return true
  for (let at = lineEnd + 1; at < end; at++) if (bytes[at] !== LF && bytes[at] !== CR) return false
  return true
}

function eventName(frame: Buffer): string {
  const text = frame.toString('latin1', 0, Math.min(frame.length, 4096))
  return /^event: ?([^\r\n]*)/m.exec(text)?.[1]?.trim() ?? ''
}
