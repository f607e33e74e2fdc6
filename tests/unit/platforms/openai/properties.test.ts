import { describe, expect, it } from 'vitest'
import { AnswerFault } from '#server/platforms/platform'
import { chatBody, chatStream, converted, converterFor, streamed, type Json } from '../../../helpers/chat'
import { chatAnswer, conversation, wildChunk, type Said } from '../../../helpers/chat-arbitraries'
import { readMessage } from '../../../helpers/grammar'
import { fc, runs } from '../../../helpers/property'

interface Sent { role: string, content: string | Json[] | null, tool_calls?: { id: string, function: { name: string, arguments: string } }[], tool_call_id?: string }

const textOf = ({ content }: Sent): string => Array.isArray(content) ? content.map(part => String(part.text ?? '')).join('\n\n') : content ?? ''

/** What was said, with neighbours of one kind as one. */
function merged(all: Said[]): Said[] {
  const out: Said[] = []
  for (const one of all) {
    const last = out.at(-1)
    if (one.kind !== 'call' && last?.kind === one.kind) out[out.length - 1] = { kind: one.kind, text: last.text + one.text }
    else out.push(one)
  }
  return out
}

describe('any conversation', () => {
  it.each(['in_place', 'merged'])('keeps its order, ids, texts and arguments (%s)', (systemMessages) => {
    fc.assert(fc.property(conversation, ({ messages, drafts }) => {
      const sent = chatBody({ messages }, { systemMessages, reasoningReplay: 'reasoning_content' }).messages as Sent[]
      const calls = sent.flatMap(message => message.tool_calls ?? [])
      expect(calls.map(({ id }) => id)).toEqual(sent.filter(({ role }) => role === 'tool').map(message => message.tool_call_id))
      expect(calls.map(one => JSON.parse(one.function.arguments) as unknown)).toEqual(drafts.flatMap(draft => draft.calls.map(one => one.input)))
      const whole = sent.map(textOf).join('\n')
      let at = 0
      for (const draft of drafts) {
        if (draft.said === null) continue
        at = whole.indexOf(draft.said, at)
        expect(at).toBeGreaterThanOrEqual(0)
      }
    }))
  })

  it('has calls and their results side by side, and no two user turns in a row', () => {
    fc.assert(fc.property(conversation, ({ messages }) => {
      const sent = chatBody({ messages }, { systemMessages: 'merged' }).messages as Sent[]
      sent.forEach((message, at) => {
        const before = sent[at - 1]
        if (message.role === 'user') expect(before?.role).not.toBe('user')
        if (message.role === 'tool') expect(['assistant', 'tool']).toContain(before?.role)
        if (before?.tool_calls) expect(message.role).toBe('tool')
      })
    }))
  })
})

describe('any answer', () => {
  it('arrives in its order, with every letter, in the grammar of the Messages API', () => {
    fc.assert(fc.property(chatAnswer, ({ all, chunks }) => {
      const read = readMessage(streamed(chunks))
      expect(read.complete).toBe(true)
      expect(read.content.map(({ type, text, thinking, name, input }) => type === 'tool_use' ? { kind: 'call', name, args: input } : { kind: type, text: text ?? thinking }))
        .toEqual(merged(all))
    }))
  })

  it('is the same however its bytes are cut', () => {
    fc.assert(fc.property(chatAnswer, fc.array(fc.nat(400), { maxLength: 12 }), ({ chunks }, cuts) => {
      const bytes = Buffer.from(chatStream(chunks))
      const at = [0, ...cuts.filter(one => one < bytes.length).sort((a, b) => a - b), bytes.length]
      expect(converted(converterFor(true), at.slice(1).map((end, n) => bytes.subarray(at[n], end)))).toBe(streamed(chunks))
    }))
  })

  it('is the same as a stream and in one piece', () => {
    fc.assert(fc.property(chatAnswer, ({ chunks }) => {
      const read = readMessage(streamed(chunks))
      const message = JSON.parse(converted(converterFor(false), [chatStream(chunks)])) as Json
      expect(message.content).toEqual(read.content.map(block => block.type === 'tool_use' ? { ...block, input: JSON.parse(String(block.input)) as unknown } : block))
      expect([message.stop_reason, message.usage]).toEqual([read.stopReason, read.usage])
    }))
  })

  it('cut off anywhere is never complete before its finish', () => {
    fc.assert(fc.property(chatAnswer, fc.nat(), ({ chunks }, at) => {
      const before = chunks.slice(0, at % (chunks.length - 1))
      const out = converted(converterFor(true), [chatStream(before)])
      expect(out).not.toContain('message_stop')
    }))
  })

  it('of broken upstreams keeps the grammar or is refused, never passes for something else', () => {
    fc.assert(fc.property(fc.array(wildChunk, { maxLength: 8 }), (chunks) => {
      const safe = chunks.map(chunk => JSON.parse(JSON.stringify(chunk) ?? '{}') as Json)
      try {
        const out = converted(converterFor(true), [chatStream(safe)])
        if (out !== '') readMessage(out)
      }
      catch (error) {
        if (!(error instanceof AnswerFault)) throw error
      }
    }), runs(300))
  })
})
