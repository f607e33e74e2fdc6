import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from '../helpers/client'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import { newToolId, safeguardVerdicts, type Block } from '../../demo/upstream/answer'
import { ok, status } from '../helpers/upstream/behaviours'
import { cutAt, endAt, errorAt } from '../helpers/upstream/faults'

describeWith(['client'], 'the real client when things go wrong', () => {
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

  it('shows an overloaded upstream as what it is', async () => {
    relay.upstream.script(() => status(529, { message: 'Overloaded' }))
    const run = await client.run('hi')
    expect(run.code).toBe(1)
    expect(run.json().result).toContain('Overloaded')
  })

  it('shows an upstream\'s refusal word by word', async () => {
    relay.upstream.script(() => status(400, { message: 'tools.3.name: not a name' }))
    expect((await client.run('hi')).json().result).toContain('tools.3.name: not a name')
  })

  it('gives up at once on a wrong key', async () => {
    const stranger = await createClient({ base: relay.server.relay, key: 'sk-this-key-does-not-exist-0000' })
    const run = await stranger.run('hi', [], { CLAUDE_CODE_MAX_RETRIES: '10' })
    await stranger.remove()
    expect(run.json()).toMatchObject({ is_error: true, api_error_status: 401 })
    expect(relay.upstream.requests).toHaveLength(0)
  })

  it.each(['in_block', 'in_frame', 'after_block', 'message_start'] as const)('asks again after a stream that was cut at %s', async (point) => {
    relay.upstream.queue(cutAt(point), ok({ blocks: [{ type: 'text', text: 'Whole again.' }] }))
    const run = await client.run('hi')
    expect(run.json()).toMatchObject({ is_error: false })
    expect(run.json().result).toContain('Whole again.')
    const rows = await relay.api.waitForLogs(2, { sessionId: run.json().session_id })
    expect(rows.map(row => row.outcome)).toEqual(['ok', 'truncated'])
  })

  it('takes no half answer for a whole one when the upstream ends it in good order', async () => {
    relay.upstream.queue(endAt('in_block'), ok({ blocks: [{ type: 'text', text: 'Whole again.' }] }))
    const run = await client.run('hi')
    expect(run.json().result).toBe('Whole again.')
  })

  it('asks again after an error event in mid-stream', async () => {
    relay.upstream.queue(errorAt('in_block'), ok({ blocks: [{ type: 'text', text: 'Whole again.' }] }))
    const run = await client.run('hi')
    expect(run.json().result).toBe('Whole again.')
    expect(relay.upstream.requests[1]?.json?.stream).toBe(false)
  })

  const dangerous = (file: string): Block[] => [
    { type: 'tool_use', id: newToolId(), name: 'Bash', input: { command: `touch ${file} && rm -rf ./nothing-here`, description: 'Judged by auto mode' } },
  ]

  it.each([['not_flagged', true], ['flagged', false]] as const)('lets auto mode\'s verdict %s through', async (outcome, runs) => {
    const blocks = dangerous('made-by-auto-mode')
    relay.upstream.queue(ok({ blocks, safeguards: safeguardVerdicts(blocks, outcome) }), ok())
    const result = (await client.run('Do it', ['--permission-mode', 'auto'])).json()
    expect(relay.upstream.requests[0]?.json?.safeguards).toMatchObject([{ type: 'dangerous_tool_use' }])
    expect(relay.upstream.requests[0]?.headers['anthropic-beta']).toContain('dangerous-tool-use-2026-09-03')
    expect(existsSync(join(client.home, 'made-by-auto-mode'))).toBe(runs)
    expect(result.permission_denials).toHaveLength(runs ? 0 : 1)
  })
})
