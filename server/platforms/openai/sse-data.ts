const LF = 10
const CR = 13

/** Reads the data of server-sent events from bytes that may be cut anywhere, inside a letter too. Lines end with LF or CRLF. */
export function sseData() {
  /** Pieces of a line whose end has not come. */
  let line: Buffer[] = []
  let data: string[] = []

  /** The event's data if this line closes one. */
  function takeLine(bytes: Buffer): string | null {
    const end = bytes.length > 0 && bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length
    if (end === 0) return close()
    const text = bytes.toString('utf8', 0, end)
    if (text.startsWith('data:')) data.push(text.charCodeAt(5) === 32 ? text.slice(6) : text.slice(5))
    return null
  }

  function close(): string | null {
    if (data.length === 0) return null
    const whole = data.length === 1 ? data[0]! : data.join('\n')
    data = []
    return whole.trim() === '' ? null : whole
  }

  return {
    /** Data of the events that are whole with these bytes. */
    push(chunk: Buffer): string[] {
      const events: string[] = []
      let start = 0
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
        const rest = chunk.subarray(start, end)
        const event = takeLine(line.length === 0 ? rest : Buffer.concat([...line, rest]))
        line = []
        if (event !== null) events.push(event)
        start = end + 1
      }
      if (start < chunk.length) line.push(chunk.subarray(start))
      return events
    },
    /** What is left: an event without its closing blank line still counts. */
    end(): string[] {
      const events: (string | null)[] = line.length > 0 ? [takeLine(Buffer.concat(line))] : []
      line = []
      events.push(close())
      return events.filter(event => event !== null)
    },
  }
}
