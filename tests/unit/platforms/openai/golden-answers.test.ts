import { describe, expect, it } from 'vitest'
import { chatStream, converted, converterFor } from '../../../helpers/chat'
import { streamCases, type StreamCase } from '../../../helpers/chat-cases'
import { readMessage } from '../../../helpers/grammar'

const wire = ({ upstream }: StreamCase): string => typeof upstream === 'string' ? upstream : chatStream(upstream)
/** Ids that the relay makes up differ each time. */
const steady = (text: string): string => text.replace(/[0-9a-f]{28,32}/g, '(unique)')

const streamOf = (one: StreamCase): string => converted(converterFor(true, one.request), [wire(one)])
const jsonOf = (one: StreamCase): string => {
  try {
    return JSON.stringify(JSON.parse(converted(converterFor(false, one.request), [wire(one)])), null, 2)
  }
  catch (error) {
    return String(error)
  }
}

describe.each(streamCases)('$name', (one) => {
  it('gives the golden stream, which keeps the grammar', async () => {
    const out = streamOf(one)
    if (out !== '') readMessage(out)
    await expect(steady(out)).toMatchFileSnapshot(`../../../fixtures/openai/${one.name}.stream.txt`)
  })

  it('gives the golden message to a client that asked for no stream', async () => {
    await expect(`${steady(jsonOf(one))}\n`).toMatchFileSnapshot(`../../../fixtures/openai/${one.name}.message.txt`)
  })

  it('gives the same whatever the pieces', () => {
    const bytes = Buffer.from(wire(one))
    const bytewise = [...bytes].map(byte => Buffer.from([byte]))
    expect(steady(converted(converterFor(true, one.request), bytewise))).toBe(steady(streamOf(one)))
  })
})
