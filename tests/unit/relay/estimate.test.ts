import { describe, expect, it } from 'vitest'
import { estimateTokens } from '#server/relay/estimate/estimate'

/** A word is a token; remembers what it was given. */
function counter() {
  const seen: string[] = []
  return {
    seen,
    count(text: string) {
      seen.push(text)
      return text.split(/\s+/).filter(Boolean).length
    },
  }
}
const words = (count: number) => Array.from({ length: count }, () => 'word').join(' ')
const estimate = (body: unknown) => estimateTokens(body, counter().count)

describe('estimated tokens', () => {
  it('count every text, wherever it stands', () => {
    const body = {
      system: [{ type: 'text', text: words(10) }],
      messages: [
        { role: 'user', content: words(10) },
        { role: 'system', content: words(10) },
        { role: 'assistant', content: [{ type: 'thinking', thinking: words(10), signature: 'x'.repeat(1000) }, { type: 'text', text: words(10) }] },
        { role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: words(10) }] }, { type: 'tool_result', content: words(10) }, { type: 'document', source: { type: 'text', data: words(10) } }] },
      ],
    }
    expect(estimate(body)).toBe(Math.ceil(80 * 1.2 + 4 * 4))
  })

  it('do not count the bytes of pictures and documents as text', () => {
    const picture = { type: 'image', source: { type: 'base64', data: 'A'.repeat(400_000) } }
    expect(estimate({ messages: [{ role: 'user', content: [picture] }] })).toBe(1604)
    const nested = { type: 'tool_result', content: [picture] }
    expect(estimate({ messages: [{ role: 'user', content: [nested] }] })).toBe(1604)
    const pdf = { type: 'document', source: { type: 'base64', data: 'A'.repeat(200_000) } }
    expect(estimate({ messages: [{ role: 'user', content: [pdf] }] })).toBe(6004)
  })

  it('count tools with their schemas', () => {
    const tool = { name: 'Bash', description: words(50), input_schema: { type: 'object' } }
    expect(estimate({ messages: [], tools: [tool] })).toBeGreaterThan(50 + 340)
    expect(estimate({ messages: [], tools: [] })).toBe(1)
  })

  it('hand no long word to the tokenizer, whose time would grow with its square', () => {
    const { seen, count } = counter()
    estimateTokens({ system: '字'.repeat(50_000) + words(1_000) }, count)
    expect(Math.max(...seen.map(piece => piece.length))).toBeLessThanOrEqual(200)
    expect(seen.join('')).toBe('字'.repeat(50_000) + words(1_000))
  })

  it('take what is beyond a million characters to be like what came before', () => {
    const { seen, count } = counter()
    const tokens = estimateTokens({ messages: [{ role: 'user', content: 'word '.repeat(1_000_000) }] }, count)
    expect(seen.join('').length).toBeLessThan(1_001_000)
    expect(tokens).toBeGreaterThan(1_190_000)
    expect(tokens).toBeLessThan(1_210_000)
  })

  it.each([null, [], 'text', { messages: 'x', system: 7, tools: {} }, { messages: [null, 1, { content: [null, 'x'] }] }])('of nonsense %j are few, and no failure', (body) => {
    expect(estimate(body)).toBeLessThan(20)
  })
})
