import { describe, expect, it } from 'vitest'
import { FrameCutter } from '#server/relay/frames'
import { fc } from '../../helpers/property'

const stream = [
  'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":1}}}\n\n',
  ': a comment\n\n',
  'event: ping\ndata: {"type": "ping"}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0}\n\n',
  'event: content_block_delta\ndata: {"delta":{"text":"héllo 世界 👋"}}\n\n',
  'event: content_block_stop\ndata: {"index":0}\n\n',
  'event: message_delta\ndata: {"usage":{"output_tokens":2}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
]

function cut(bytes: Buffer, borders: number[]) {
  const events: string[] = []
  const out: Buffer[] = []
  const cutter = new FrameCutter({ frame: (_, event) => void events.push(event) })
  const edges = [...new Set([0, ...borders.map(b => b % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  for (let i = 1; i < edges.length; i++) {
    const piece = cutter.push(bytes.subarray(edges[i - 1], edges[i]))
    if (piece) out.push(piece)
  }
  const rest = cutter.end()
  if (rest) out.push(rest)
  return { events, out }
}

describe('frames cut out of a byte stream', () => {
  it.each(['\n', '\r\n'])('keeps every byte and reports the same events however the bytes are split (%j)', (eol) => {
    const bytes = Buffer.from(stream.join('').replaceAll('\n', eol))
    fc.assert(fc.property(fc.array(fc.nat(5000), { maxLength: 40 }), (borders) => {
      const { events, out } = cut(bytes, borders)
      expect(Buffer.concat(out).equals(bytes)).toBe(true)
      expect(events).toEqual(['message_start', 'ping', 'message_delta', 'message_stop'])
    }))
  })

  it('never lets a part of a frame out before its end', () => {
    const bytes = Buffer.from(stream.join(''))
    const cutter = new FrameCutter({ frame: () => undefined })
    for (const byte of bytes) {
      const piece = cutter.push(Buffer.from([byte]))
      if (piece) expect(piece.subarray(-2).toString()).toBe('\n\n')
    }
  })

  it('reports frames without an event line, since other readers take them by their data', () => {
    const events: string[] = []
    const cutter = new FrameCutter({ frame: bytes => void events.push(bytes.toString()) })
    cutter.push(Buffer.from('data: {"type":"message_stop"}\n\n'))
    expect(events).toEqual(['data: {"type":"message_stop"}\n\n'])
  })

  it('reports a last frame that lacks its blank line', () => {
    const { events, out } = cut(Buffer.from('event: message_stop\ndata: {}\n'), [])
    expect(events).toEqual(['message_stop'])
    expect(Buffer.concat(out).toString()).toBe('event: message_stop\ndata: {}\n')
  })

  it('passes an enormous frame on in pieces and knows that nothing may be inserted meanwhile', () => {
    const cutter = new FrameCutter({ frame: () => undefined })
    const big = Buffer.from(`event: content_block_delta\ndata: ${'x'.repeat(3 * 1024 * 1024)}\n\n`)
    const out: Buffer[] = []
    let inside = 0
    for (let at = 0; at < big.length; at += 65_536) {
      const piece = cutter.push(big.subarray(at, at + 65_536))
      if (piece) out.push(piece)
      if (!cutter.atBorder) inside++
    }
    expect(inside).toBeGreaterThan(10)
    expect(cutter.atBorder).toBe(true)
    expect(Buffer.concat(out).equals(big)).toBe(true)
  })
})
