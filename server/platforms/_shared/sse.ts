export interface SseFrame {
  /** Empty when the frame names none. */
  event: string
  data: string
}

/** Splits whole server-sent-event frames; comments and frames without data are left out. Line ends: LF, CRLF or CR. */
export function sseFrames(bytes: Buffer): SseFrame[] {
  const frames: SseFrame[] = []
  for (const block of bytes.toString('utf8').replace(/\r\n?/g, '\n').split(/\n\n+/)) {
    const frame = frameOf(block)
    if (frame) frames.push(frame)
  }
  return frames
}

function frameOf(block: string): SseFrame | null {
  let event = ''
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const value = line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    const field = line.slice(0, colon)
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  return data.length > 0 ? { event, data: data.join('\n') } : null
}
