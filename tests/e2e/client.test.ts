import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { createClient, type Client } from '../helpers/client'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import { newToolId, type Answer, type Block } from '../../demo/upstream/answer'
import { encoded, ok } from '../helpers/upstream/behaviours'

describeWith(['client'], 'the real client through the relay', () => {
  let relay: Relay
  let client: Client

  beforeAll(async () => {
    relay = await startRelay()
  })
  afterAll(async () => {
    await relay.close()
  })
  beforeEach(async () => {
    relay.upstream.reset()
    client = await createClient({ base: relay.server.relay, key: relay.key.key })
  })
  afterEach(async () => {
    await client.remove()
  })

  const text = (words: string): Partial<Answer> => ({ blocks: [{ type: 'text', text: words }] })
  const bash = (command: string): Block[] => [
    { type: 'text', text: 'Running it.' },
    { type: 'tool_use', id: newToolId(), name: 'Bash', input: { command, description: 'A test command' } },
  ]

  it('answers a plain prompt, and the request arrives as the client made it', async () => {
    relay.upstream.queue(ok(text('Forty-two, 世界.')))
    const run = await client.run('What is it?')
    expect(run.json()).toMatchObject({ result: 'Forty-two, 世界.', is_error: false })
    const [request] = relay.upstream.requests
    expect(request).toMatchObject({ path: '/v1/messages', query: '?beta=true' })
    expect(request?.headers['anthropic-beta']).toContain('claude-code-20250219')
    expect(request?.headers['x-claude-code-session-id']).toBe(run.json().session_id)
    expect(request?.headers['x-stainless-lang']).toBe('js')
    expect(Object.keys(request?.json ?? {}).slice(0, 4)).toEqual(['model', 'messages', 'system', 'tools'])
    const [row] = await relay.api.waitForLogs(1, { sessionId: run.json().session_id })
    expect(row).toMatchObject({ outcome: 'ok', status: 200, stream: true, usageComplete: true })
    expect(row?.clientVersion).toContain('2.1.330')
  })

  it('runs a tool loop', async () => {
    relay.upstream.queue(ok({ blocks: bash('echo tool-$((40+2))') }), ok(text('Done.')))
    const run = await client.run('Run it', ['--allowedTools', 'Bash'])
    expect(run.json()).toMatchObject({ result: 'Done.', num_turns: 2, permission_denials: [] })
    expect(relay.upstream.requests).toHaveLength(2)
    expect(relay.upstream.requests[1]?.body.toString()).toContain('tool-42')
  })

  it('goes on with a conversation', async () => {
    const first = (await client.run('Remember the word aubergine')).json()
    const second = (await client.run('Which word?', ['--continue'])).json()
    expect(second).toMatchObject({ session_id: first.session_id, is_error: false })
    expect(relay.upstream.requests[1]?.body.toString()).toContain('aubergine')
    expect(await relay.api.waitForLogs(2, { sessionId: first.session_id })).toHaveLength(2)
  })

  it('reads an answer that the upstream compressed', async () => {
    relay.upstream.queue(encoded('gzip', text('Unpacked.')))
    expect((await client.run('hi')).json().result).toBe('Unpacked.')
  })

  it.each([['a slash at its end', '/'], ['/v1 at its end', '/v1']])('works with a base URL with %s', async (_, tail) => {
    const other = await createClient({ base: relay.server.relay + tail, key: relay.key.key })
    expect((await other.run('hi')).json().is_error).toBe(false)
    await other.remove()
  })

  it('works with the key in x-api-key', async () => {
    const run = await client.run('hi', [], { ANTHROPIC_AUTH_TOKEN: '', ANTHROPIC_API_KEY: relay.key.key })
    expect(run.json().is_error).toBe(false)
    expect(relay.upstream.requests[0]?.headers['x-api-key']).not.toBe(relay.key.key)
  })

  it('keeps its parallel sessions and subagents apart by session id', async () => {
    const runs = await Promise.all(['a', 'b', 'c'].map(prompt => client.run(prompt)))
    const sessions = runs.map(run => run.json().session_id)
    expect(new Set(sessions).size).toBe(3)
    for (const sessionId of sessions) await relay.api.waitForLogs(1, { sessionId })
  })
})
