import { describe, expect, it } from 'vitest'
import { anthropicUsage } from '#server/platforms/_shared/anthropic-usage'
import type { UsageReading } from '#server/platforms/platform'
import { fc } from '../../helpers/property'

const frame = (type: string, body: object, eol = '\n'): string => `event: ${type}${eol}data: ${JSON.stringify({ type, ...body })}${eol}${eol}`
const start = (usage: unknown, eol?: string): string => frame('message_start', { message: { id: 'msg_1', model: 'claude-x', content: [], usage } }, eol)
const delta = (usage: unknown, stop: string | null = 'end_turn', eol?: string): string => frame('message_delta', { delta: { stop_reason: stop }, usage }, eol)
const stop = (eol?: string): string => frame('message_stop', {}, eol)

function read(...pushes: string[]): UsageReading {
  const reader = anthropicUsage(true)
  for (const text of pushes) reader.push(Buffer.from(text))
  return reader.end()
}

function readJson(text: string, pieces = 1): UsageReading {
  const reader = anthropicUsage(false)
  const bytes = Buffer.from(text)
  const size = Math.max(1, Math.ceil(bytes.length / pieces))
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  return reader.end()
}

const count = fc.oneof(fc.constant(null), fc.constant(undefined), fc.nat(1_000_000), fc.constant(0))
const rawUsage = fc.record({ input_tokens: count, output_tokens: count, cache_read_input_tokens: count, cache_creation_input_tokens: count }, { requiredKeys: [] })
const split = fc.option(fc.record({ ephemeral_5m_input_tokens: fc.nat(1000), ephemeral_1h_input_tokens: fc.nat(1000) }), { nil: undefined })

describe('usage of a stream', () => {
  it('per field the last value above zero wins, over any number of deltas', () => {
    fc.assert(fc.property(rawUsage, fc.array(rawUsage, { maxLength: 4 }), (first, later) => {
      const { usage } = read(start(first), ...later.map(raw => delta(raw, null)), stop())
      const last = (key: keyof typeof first): number => [first, ...later].map(raw => raw[key] ?? 0).filter(value => value > 0).at(-1) ?? 0
      expect(usage.inputTokens).toBe(last('input_tokens'))
      expect(usage.outputTokens).toBe(last('output_tokens'))
      expect(usage.cacheReadTokens).toBe(last('cache_read_input_tokens'))
      expect(usage.cacheWrite5mTokens + usage.cacheWrite1hTokens).toBe(last('cache_creation_input_tokens'))
    }))
  })

  it('the same holds for thinking and web searches; of words the last one given counts', () => {
    const word = fc.option(fc.constantFrom('standard', 'priority', 'fast', 'us', 'global', ''), { nil: undefined })
    const extras = fc.record({ thinking: count, searches: count, service_tier: word, speed: word, inference_geo: word })
    fc.assert(fc.property(fc.array(extras, { minLength: 1, maxLength: 5 }), (all) => {
      const raw = all.map(({ thinking, searches, ...words }) => ({ ...words, output_tokens_details: { thinking_tokens: thinking }, server_tool_use: { web_search_requests: searches } }))
      const { usage } = read(start(raw[0]), ...raw.slice(1).map(one => delta(one, null)), stop())
      const number = (name: 'thinking' | 'searches') => all.map(one => one[name] ?? 0).filter(value => value > 0).at(-1) ?? 0
      const text = (name: 'service_tier' | 'speed' | 'inference_geo') => all.map(one => one[name]).filter(Boolean).at(-1) ?? null
      expect(usage).toMatchObject({ thinkingTokens: number('thinking'), webSearches: number('searches'), serviceTier: text('service_tier'), speed: text('speed'), inferenceGeo: text('inference_geo') })
    }))
  })

  it('keeps the one-hour share of the start and never counts a written token twice', () => {
    fc.assert(fc.property(fc.nat(3000), split, fc.nat(3000), (total, parts, later) => {
      const { usage } = read(start({ cache_creation_input_tokens: total, cache_creation: parts }), delta({ cache_creation_input_tokens: later }))
      const sum = (parts?.ephemeral_5m_input_tokens ?? 0) + (parts?.ephemeral_1h_input_tokens ?? 0)
      const expected = later || total || sum
      expect(usage.cacheWrite5mTokens + usage.cacheWrite1hTokens).toBe(expected)
      expect(usage.cacheWrite1hTokens).toBe(Math.min(parts?.ephemeral_1h_input_tokens ?? 0, expected))
    }))
  })

  it('reads the same however the frames are grouped and whatever the line ends', () => {
    const frames = (eol: string) => [start({ input_tokens: 5, cache_creation_input_tokens: 3 }, eol), frame('ping', {}, eol), delta({ output_tokens: 9 }, 'tool_use', eol), stop(eol)]
    const expected = read(...frames('\n'))
    for (const eol of ['\n', '\r\n', '\r']) expect(read(frames(eol).join(''))).toEqual(expected)
    expect(expected).toMatchObject({ complete: true, stopReason: 'tool_use', servedModel: 'claude-x', usage: { inputTokens: 5, outputTokens: 9, cacheWrite5mTokens: 3, cacheWrite1hTokens: 0 } })
  })

  it('tells how far the answer got, frame by frame', () => {
    const reader = anthropicUsage(true)
    const steps = [': comment\n\n', frame('ping', {}), start({ input_tokens: 1 }), delta({ output_tokens: 2 }, null), delta({ output_tokens: 3 }), stop()]
    expect(steps.map((text) => {
      reader.push(Buffer.from(text))
      return reader.seen
    })).toEqual(['nothing', 'nothing', 'started', 'started', 'final', 'final'])
  })

  it('a cut answer is not complete, its start counts', () => {
    expect(read(start({ input_tokens: 7, output_tokens: 1 }))).toMatchObject({ complete: false, stopReason: null, usage: { inputTokens: 7, outputTokens: 1 } })
  })

  it('an answer that ends without usage is final but not complete', () => {
    expect(read(start({ output_tokens: 1 }), frame('message_delta', { delta: { stop_reason: 'end_turn' } }), stop())).toMatchObject({ complete: false, stopReason: 'end_turn' })
  })

  it('takes in what an error event says', () => {
    expect(read(start({}), frame('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })).error).toEqual({ type: 'overloaded_error', message: 'Overloaded' })
    expect(read(frame('error', { error: 'bad' })).error).toEqual({ type: 'api_error', message: 'bad' })
    expect(read(frame('error', {})).error).toEqual({ type: 'api_error', message: '' })
  })

  it('goes on after broken JSON, unknown frames and odd values', () => {
    const odd = start({ input_tokens: '5', output_tokens: -1, cache_read_input_tokens: 1.5, cache_creation: [], output_tokens_details: null, speed: 3 })
    const reading = read(`event: message_start\ndata: {"mess\n\n`, odd, 'data: [DONE]\n\n', 'event: message_delta\ndata: null\n\n', delta({ input_tokens: 1e300, output_tokens: 4 }))
    expect(reading.usage).toMatchObject({ inputTokens: 0, outputTokens: 4, cacheReadTokens: 0, speed: null })
  })

  it('reads data without a space, over several lines, and without an event name', () => {
    const text = 'event:message_start\ndata:{"type":"message_start",\ndata:"message":{"usage":{"input_tokens":8}}}\n\n'
    expect(read(text, 'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}\n\n')).toMatchObject({ complete: true, usage: { inputTokens: 8, outputTokens: 2 } })
  })

  it('reads tier, speed, place, thinking and searches', () => {
    const reading = read(
      start({ service_tier: 'standard', speed: 'fast', inference_geo: 'us', cache_creation_input_tokens: 10, cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 6 } }),
      delta({ output_tokens: 5, output_tokens_details: { thinking_tokens: 3 }, server_tool_use: { web_search_requests: 2 }, service_tier: null }),
    )
    expect(reading.usage).toEqual({
      inputTokens: 0, outputTokens: 5, cacheReadTokens: 0, cacheWrite5mTokens: 4, cacheWrite1hTokens: 6,
      thinkingTokens: 3, webSearches: 2, serviceTier: 'standard', speed: 'fast', inferenceGeo: 'us',
    })
  })

  it('may be asked again at any time', () => {
    const reader = anthropicUsage(true)
    expect(reader.end().complete).toBe(false)
    reader.push(Buffer.from(start({ input_tokens: 1 })))
    expect(reader.end().usage.inputTokens).toBe(1)
    expect(reader.end()).toEqual(reader.end())
  })
})

describe('usage of a JSON body', () => {
  const message = { type: 'message', model: 'claude-x', content: [{ type: 'text', text: 'a "quoted" é😀 }{' }], stop_reason: 'max_tokens', usage: { input_tokens: 3, output_tokens: 4, cache_creation_input_tokens: 2 } }

  it('is read from any number of pieces, also when a character is split', () => {
    for (const pieces of [1, 2, 7, 1000]) {
      expect(readJson(JSON.stringify(message), pieces)).toMatchObject({ complete: true, servedModel: 'claude-x', stopReason: 'max_tokens', error: null, usage: { inputTokens: 3, outputTokens: 4, cacheWrite5mTokens: 2 } })
    }
  })

  it('is final only once it is whole', () => {
    const reader = anthropicUsage(false)
    const bytes = Buffer.from(JSON.stringify(message))
    reader.push(bytes.subarray(0, -1))
    expect([reader.end().complete, reader.seen]).toEqual([false, 'nothing'])
    reader.push(bytes.subarray(-1))
    expect([reader.end().complete, reader.seen]).toEqual([true, 'final'])
  })

  it('of an error body: the error, no usage', () => {
    expect(readJson('{"type":"error","error":{"type":"not_found_error","message":"no"}}')).toMatchObject({ complete: false, error: { type: 'not_found_error', message: 'no' } })
    expect(readJson('{"error":{"message":"no","type":null}}').error).toEqual({ type: 'api_error', message: 'no' })
  })

  it.each(['', '<html>', '[]', 'null', '{"usage":', '{"usage":[1]}', '{"usage":{"input_tokens":}}'])('of %j: nothing', (text) => {
    expect(readJson(text)).toMatchObject({ complete: false, servedModel: null, error: null, usage: { inputTokens: 0 } })
  })
})
