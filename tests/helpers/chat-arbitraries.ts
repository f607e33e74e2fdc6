import { call, delta, finish, usage, type Json } from './chat'
import { fc } from './property'

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const input = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.oneof(words, fc.integer(), fc.constant(null), fc.array(words, { maxLength: 2 })), { maxKeys: 3 })

/** What an upstream means to say, before it is cut into chunks. */
export type Said = { kind: 'text' | 'thinking', text: string } | { kind: 'call', name: string, args: string }

const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({ kind: fc.constantFrom('text' as const, 'thinking' as const), text: words.map(word => `${word}.`) }),
  fc.record({ kind: fc.constant('call' as const), name: fc.constantFrom('Bash', 'Read'), args: input.map(one => JSON.stringify(one)) }),
)

function cut(text: string, size: number): string[] {
  const letters = [...text]
  return Array.from({ length: Math.ceil(letters.length / size) }, (_, at) => letters.slice(at * size, (at + 1) * size).join(''))
}

const field = { text: 'content', thinking: 'reasoning_content' }

function chunksOf(all: Said[], size: number): Json[] {
  let index = -1
  return all.flatMap((one) => {
    if (one.kind !== 'call') return cut(one.text, size).map(piece => delta({ [field[one.kind]]: piece }))
    index++
    const [first, ...rest] = ['', ...cut(one.args, size)]
    return [delta({ tool_calls: [call(index, { id: `call_${index}`, name: one.name, args: first })] }), ...rest.map(args => delta({ tool_calls: [call(index, { args })] }))]
  })
}

/** A sound stream of any upstream, with what it says. */
export const chatAnswer = fc.record({ all: fc.array(said, { minLength: 1, maxLength: 6 }), size: fc.integer({ min: 1, max: 9 }), last: fc.constantFrom('stop', 'length', 'content_filter') })
  .map(({ all, size, last }) => ({ all, chunks: [...chunksOf(all, size), finish(all.some(one => one.kind === 'call') && last === 'stop' ? 'tool_calls' : last), usage()] }))

/** Chunks that no upstream should send: wrong types, missing parts, anything. */
export const wildChunk: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ choices: fc.oneof(fc.anything(), fc.array(fc.record({ delta: fc.oneof(fc.anything(), fc.record({ content: fc.anything(), tool_calls: fc.anything(), reasoning_details: fc.anything() })), finish_reason: fc.anything() }), { maxLength: 2 })), usage: fc.anything() }),
  fc.record({
    choices: fc.tuple(fc.record({
      delta: fc.record({
        content: fc.option(words), reasoning: fc.option(words),
        tool_calls: fc.option(fc.array(fc.record({ index: fc.option(fc.nat(3)), id: fc.option(fc.string({ maxLength: 5 })), function: fc.record({ name: fc.option(words), arguments: fc.option(fc.string({ maxLength: 6 })) }) }), { maxLength: 3 })),
      }),
      finish_reason: fc.option(fc.constantFrom('stop', 'tool_calls', 'error')),
    })),
  }),
)

const block = fc.oneof(
  words.map(text => ({ type: 'text', text })),
  fc.constant({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } }),
  words.map(data => ({ type: 'document', source: { type: 'text', media_type: 'text/plain', data } })),
  fc.constant({ type: 'container_upload', file_id: 'x' }),
)
const plain = fc.oneof(words, fc.array(block, { minLength: 1, maxLength: 3 }))

interface Draft { thought: string | null, said: string | null, calls: { name: string, input: Json, result: Json }[], then: unknown, note: string | null }

const draft: fc.Arbitrary<Draft> = fc.record({
  thought: fc.option(words), said: fc.option(words), then: plain, note: fc.option(words),
  calls: fc.array(fc.record({ name: fc.constantFrom('Bash', 'mcp__x__y', 'odd.name'), input, result: fc.record({ content: fc.oneof(plain, fc.constant('')), is_error: fc.boolean() }) }), { maxLength: 3 }),
})

function turns({ thought, said: text, calls, then, note }: Draft, round: number): Json[] {
  const id = (at: number) => `toolu_${round}_${at}`
  const content = [
    ...thought === null ? [] : [{ type: 'thinking', thinking: thought, signature: 's' }], ...text === null ? [] : [{ type: 'text', text }],
    ...calls.map(({ name, input: given }, at) => ({ type: 'tool_use', id: id(at), name, input: given })),
  ]
  const results = calls.map(({ result }, at) => ({ type: 'tool_result', tool_use_id: id(at), ...result }))
  const rest = typeof then === 'string' ? [{ type: 'text', text: then }] : then as Json[]
  return [
    ...content.length > 0 ? [{ role: 'assistant', content }] : [],
    ...note === null ? [] : [{ role: 'system', content: note }],
    { role: 'user', content: [...results.toReversed(), ...rest] },
  ]
}

/** A conversation as Claude Code could hold it. */
export const conversation = fc.tuple(plain, fc.array(draft, { maxLength: 4 }))
  .map(([first, drafts]) => ({ messages: [{ role: 'user', content: first }, ...drafts.flatMap(turns)] as Json[], drafts }))
