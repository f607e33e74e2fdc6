/** What the fake upstream says and what the load client expects, byte for byte. */

export const model = 'claude-sonnet-4-5-20250929'

/**
 * @typedef {object} Expected
 * @property {Buffer} bytes The whole body.
 * @property {Buffer[]} frames Its events, or the body as one piece.
 * @property {Uint32Array} ends Offset behind each frame.
 */

const usage = (/** @type {number} */ output) => ({
  input_tokens: 12,
  cache_creation_input_tokens: 2_048,
  cache_read_input_tokens: 14_336,
  cache_creation: { ephemeral_5m_input_tokens: 2_048, ephemeral_1h_input_tokens: 0 },
  output_tokens: output,
  service_tier: 'standard',
})

/** @type {(event: { type: string, [field: string]: unknown }) => Buffer} */
const frame = event => Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)

/** @type {(frames: Buffer[]) => Expected} */
function expected(frames) {
  let end = 0
  const ends = Uint32Array.from(frames, piece => end += piece.length)
  return { bytes: Buffer.concat(frames), frames, ends }
}

/**
 * One answer of exactly `events` events, deltas of 200 bytes each.
 * @param {number} events at least 6
 */
export function streamOf(events) {
  const message = { id: 'msg_bench', type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: usage(1) }
  const delta = (/** @type {number} */ index) => {
    const event = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: `word ${index} ` } }
    event.delta.text = event.delta.text.padEnd(event.delta.text.length + 200 - frame(event).length, 'x')
    return frame(event)
  }
  return expected([
    frame({ type: 'message_start', message }),
    frame({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    ...Array.from({ length: events - 5 }, (_, index) => delta(index)),
    frame({ type: 'content_block_stop', index: 0 }),
    frame({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: usage(events) }),
    frame({ type: 'message_stop' }),
  ])
}

/** The answer to a request that is not for a stream. */
export function jsonAnswer() {
  const content = [{ type: 'text', text: 'x'.repeat(2_000) }]
  return expected([Buffer.from(JSON.stringify({ id: 'msg_bench', type: 'message', role: 'assistant', model, content, stop_reason: 'end_turn', stop_sequence: null, usage: usage(500) }))])
}

/**
 * A request body of exactly `bytes` bytes with the keys in the order in which the real client sends them: `stream` comes last.
 * @param {{ bytes: number, sessionId: string, stream: boolean }} options bytes: at least 1,024
 */
export function requestBody({ bytes, sessionId, stream }) {
  const userId = JSON.stringify({ device_id: '0'.repeat(64), account_uuid: '', session_id: sessionId })
  const text = (/** @type {string} */ filler) => JSON.stringify({
    model,
    messages: [{ role: 'user', content: [{ type: 'text', text: filler }] }],
    system: [{ type: 'text', text: 'You are a bench.', cache_control: { type: 'ephemeral' } }],
    tools: [],
    metadata: { user_id: userId },
    max_tokens: 32_000,
    stream,
  })
  const words = 'The relay carries "this" \\ text; '
  const room = bytes - text('').length
  let filler = ''
  const escaped = JSON.stringify(words).length - 2
  if (room > escaped) filler = words.repeat(Math.floor(room / escaped))
  return Buffer.from(text(filler.padEnd(filler.length + bytes - text(filler).length, '.')))
}

/** Compares an answer with what was expected while it comes in; our relay's pings between frames are passed over. */
export class Check {
  /** @param {Expected} answer */
  constructor(answer) {
    this.answer = answer
    this.at = 0
    this.frame = 0
    this.pings = 0
    this.inPing = false
    /** @type {string | null} */
    this.fault = null
  }

  /** @type {(data: Buffer, from: number, to: number) => void} */
  push(data, from, to) {
    if (this.fault) return
    if (this.inPing || this.#startsPing(data, from)) return this.#skipPing(data, from, to)
    const end = this.at + to - from
    const { bytes, ends } = this.answer
    if (end > bytes.length || data.compare(bytes, this.at, end, from, to) !== 0) return this.#mixed(data, from, to)
    this.at = end
    while (this.frame < ends.length && ends[this.frame] <= end) this.frame++
  }

  /** Null when the answer came whole, else what is wrong. */
  end() {
    if (this.fault) return this.fault
    if (this.at === this.answer.bytes.length && !this.inPing) return null
    return `cut: ${this.at} of ${this.answer.bytes.length} bytes, ${this.frame} of ${this.answer.ends.length} frames`
  }

  #atBoundary() {
    return this.at === 0 || this.answer.ends[this.frame - 1] === this.at
  }

  #startsPing(/** @type {Buffer} */ data, /** @type {number} */ from) {
    return data[from + 7] === 0x70 /* p */ && this.#atBoundary() && data.toString('latin1', from, from + 11) === 'event: ping'
  }

  /** @type {(data: Buffer, from: number, to: number) => void} */
  #skipPing(data, from, to) {
    const end = data.indexOf('\n\n', from)
    this.inPing = end < 0 || end >= to
    if (this.inPing) return
    this.pings++
    if (end + 2 < to) this.push(data, end + 2, to)
  }

  /** A piece that differs may still be sound: its first part ends a frame and a ping follows. */
  #mixed(/** @type {Buffer} */ data, /** @type {number} */ from, /** @type {number} */ to) {
    const ping = data.indexOf('event: ping', from)
    if (ping > from && ping < to) {
      this.push(data, from, ping)
      this.push(data, ping, to)
      return
    }
    const wrong = data.toString('latin1', from, Math.min(to, from + 120))
    this.fault = `wrong bytes at ${this.at}, frame ${this.frame}: ${JSON.stringify(wrong)}`
  }
}
