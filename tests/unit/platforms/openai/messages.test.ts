import { describe, expect, it } from 'vitest'
import { chatBody, hello, requestFor, type Json } from '../../../helpers/chat'

const messagesOf = (messages: unknown[], options: Json = {}, more: Json = {}) => chatBody({ messages, ...more }, options).messages
const png = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } }
const pdf = { type: 'document', title: 'Plan', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } }
const calls = (...ids: string[]) => ({ role: 'assistant', content: ids.map(id => ({ type: 'tool_use', id, name: 'Bash', input: { command: id } })) })
const result = (id: string, content: unknown, more: Json = {}) => ({ type: 'tool_result', tool_use_id: id, content, ...more })
const chatCall = (id: string) => ({ id, type: 'function', function: { name: 'Bash', arguments: JSON.stringify({ command: id }) } })

describe('the system prompt', () => {
  it('comes first as one message, without the header that is for the official API alone', () => {
    const system = [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330.abc; cc_entrypoint=cli;' }, { type: 'text', text: 'You are Claude Code.', cache_control: { type: 'ephemeral' } }, { type: 'text', text: 'Be brief.' }]
    expect(messagesOf(hello, {}, { system })).toEqual([{ role: 'system', content: 'You are Claude Code.\n\nBe brief.' }, { role: 'user', content: 'hi' }])
  })

  it('may be a string, and is left out when empty', () => {
    expect(messagesOf(hello, {}, { system: 'Be brief.' })).toEqual([{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'hi' }])
    expect(messagesOf(hello, {}, { system: [] })).toEqual([{ role: 'user', content: 'hi' }])
  })

  const midway = [{ role: 'user', content: 'one' }, { role: 'system', content: [{ type: 'text', text: 'Midway.', cache_control: { type: 'ephemeral' } }] }, { role: 'assistant', content: 'two' }, { role: 'user', content: 'three' }, { role: 'system', content: 'Later.' }]

  it('trap 6: stays where it stands when it comes between turns, as blocks or as a string', () => {
    expect(messagesOf(midway)).toEqual([
      { role: 'user', content: 'one' }, { role: 'system', content: 'Midway.' }, { role: 'assistant', content: 'two' }, { role: 'user', content: 'three' }, { role: 'system', content: 'Later.' },
    ])
  })

  it('trap 6: is text of the user\'s turn, still in its place, for upstreams that take one only first', () => {
    expect(messagesOf(midway, { systemMessages: 'merged' })).toEqual([
      { role: 'user', content: 'one\n\n<system-reminder>\nMidway.\n</system-reminder>' }, { role: 'assistant', content: 'two' }, { role: 'user', content: 'three\n\n<system-reminder>\nLater.\n</system-reminder>' },
    ])
  })
})

describe('tool results', () => {
  it('trap 7: stand directly behind the calls, in their order, before everything else of the turn', () => {
    const turns = [calls('a', 'b'), { role: 'system', content: 'Note.' }, { role: 'user', content: [{ type: 'text', text: 'Both done.' }, result('b', 'B'), result('a', [{ type: 'text', text: 'A1' }, { type: 'text', text: 'A2' }])] }]
    expect(messagesOf([...hello, ...turns])).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, tool_calls: [chatCall('a'), chatCall('b')] },
      { role: 'tool', tool_call_id: 'a', content: 'A1\nA2' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'system', content: 'Note.' },
      { role: 'user', content: 'Both done.' },
    ])
  })

  it('trap 7: images of results come in a turn behind all of them', () => {
    const turns = [calls('a', 'b'), { role: 'user', content: [result('a', [png]), result('b', 'B'), { type: 'text', text: 'See?' }] }]
    expect((messagesOf(turns) as Json[]).slice(1)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'The result follows in the next message.' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'user', content: [{ type: 'text', text: 'From the result of a:' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } }, { type: 'text', text: 'See?' }] },
    ])
  })

  it('trap 7: an error is told in words, nothing is an empty text', () => {
    const turns = [calls('a', 'b', 'c'), { role: 'user', content: [result('a', 'no such file', { is_error: true }), result('b', '', { is_error: true }), result('c', undefined)] }]
    expect((messagesOf(turns) as Json[]).slice(1).map(({ content }) => content)).toEqual(['Error: no such file', 'Error', ''])
  })
})

describe('turns', () => {
  it('trap 7: two of one role in a row are one', () => {
    expect(messagesOf([...hello, { role: 'user', content: [{ type: 'text', text: 'again' }] }, { role: 'assistant', content: 'a' }, { role: 'assistant', content: [{ type: 'text', text: 'b' }, calls('x').content[0]] }]))
      .toEqual([{ role: 'user', content: 'hi\n\nagain' }, { role: 'assistant', content: 'a\nb', tool_calls: [chatCall('x')] }])
  })

  it('with images keep text and images in order', () => {
    expect(messagesOf([{ role: 'user', content: [{ type: 'text', text: 'this' }, png, { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } }] }]))
      .toEqual([{ role: 'user', content: [{ type: 'text', text: 'this' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO' } }, { type: 'image_url', image_url: { url: 'https://a.test/b.png' } }] }])
  })

  it('trap 8: thinking is never sent as text; it goes back only in the field that the upstream wants', () => {
    const turns = [...hello, { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.', signature: 'sig' }, { type: 'redacted_thinking', data: 'xx' }, { type: 'text', text: 'Yes.' }] }, ...hello]
    expect((messagesOf(turns) as Json[])[1]).toEqual({ role: 'assistant', content: 'Yes.' })
    expect((messagesOf(turns, { reasoningReplay: 'reasoning_content' }) as Json[])[1]).toEqual({ role: 'assistant', content: 'Yes.', reasoning_content: 'Hm.' })
    expect((messagesOf(turns, { reasoningReplay: 'reasoning' }) as Json[])[1]).toEqual({ role: 'assistant', content: 'Yes.', reasoning: 'Hm.' })
  })

  it('a turn of thinking alone leaves no empty message behind', () => {
    expect(messagesOf([...hello, { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.', signature: '' }] }, { role: 'user', content: 'go on' }])).toEqual([{ role: 'user', content: 'hi\n\ngo on' }])
  })

  it('arguments of a call are always an object', () => {
    const turn = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'list', input: {} }] }
    expect(messagesOf([...hello, turn])).toMatchObject([{}, { tool_calls: [{ function: { arguments: '{}' } }] }])
  })

  it.each([['no list', 'hi'], ['nothing', undefined]])('are refused in clear words when there is %s', (_, messages) => {
    expect(() => requestFor({ messages })).toThrow('messages: a list is expected')
  })
})

describe('documents', () => {
  const user = (...content: unknown[]) => [{ role: 'user', content }]
  const text = { type: 'document', title: 'Notes', context: 'From the wiki', source: { type: 'text', media_type: 'text/plain', data: 'All of it.' } }

  it('of text go as text', () => {
    expect(messagesOf(user(text))).toEqual([{ role: 'user', content: 'Document: Notes\nFrom the wiki\n\nAll of it.' }])
    expect(messagesOf(user({ type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'Part.' }] } }))).toEqual([{ role: 'user', content: 'Document: document\n\nPart.' }])
    expect(messagesOf(user({ type: 'search_result', title: 'Hit', source: 'https://a.test', content: [{ type: 'text', text: 'Found.' }] }))).toEqual([{ role: 'user', content: 'Search result: Hit (https://a.test)\nFound.' }])
  })

  it('in PDF go as a file where the upstream takes files, also out of a tool result', () => {
    const file = { type: 'file', file: { filename: 'Plan.pdf', file_data: 'data:application/pdf;base64,JVBE' } }
    expect(messagesOf(user(pdf), { documents: 'file' })).toEqual([{ role: 'user', content: [file] }])
    expect(messagesOf([calls('a'), { role: 'user', content: [result('a', [{ type: 'text', text: '2 pages' }, pdf])] }], { documents: 'file' }))
      .toMatchObject([{}, { role: 'tool', content: '2 pages' }, { role: 'user', content: [{ type: 'text' }, file] }])
  })

  it.each([
    ['a PDF', pdf], ['a PDF by address', { type: 'document', source: { type: 'url', url: 'https://a.test/b.pdf' } }], ['an uploaded file', { type: 'document', source: { type: 'file', file_id: 'file_1' } }], ['an uploaded image', { type: 'image', source: { type: 'file', file_id: 'file_1' } }],
  ])('%s is refused in clear words where it cannot go, not lost', (_, block) => {
    expect(() => requestFor({ messages: user(block) })).toThrow(/cannot be sent to an OpenAI-format upstream/)
  })
})
