import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../helpers/client'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import { newToolId } from '../helpers/upstream/answer'
import { ok } from '../helpers/upstream/behaviours'

const oneNano = 1e-9

describeWith(['client'], 'the relay\'s cost against the client\'s own', () => {
  let relay: Relay

  beforeAll(async () => {
    relay = await startRelay()
  })
  afterAll(async () => {
    await relay.close()
  })

  async function spend(model: string, env: Record<string, string> = {}) {
    const client = await createClient({ base: relay.server.relay, key: relay.key.key })
    const result = (await client.run('hi', ['--model', model, '--allowedTools', 'Bash'], env)).json()
    await client.remove()
    const rows = await relay.api.waitForLogs(relay.upstream.requests.length, { sessionId: result.session_id })
    relay.upstream.reset()
    return { result, rows, logged: rows.reduce((sum, row) => sum + row.costNano, 0) / 1e9 }
  }

  it.each([
    ['claude-opus-5-5', { input: 12_347, output: 3_331, cacheRead: 48_613, write5m: 7_919, write1h: 1_013 }],
    ['claude-sonnet-5-5', { input: 3, output: 8_191, cacheRead: 131_071, write5m: 0, write1h: 2_047 }],
    ['claude-haiku-5-5', { input: 60_001, output: 17, cacheRead: 30_011, write5m: 4_999, write1h: 3 }],
    ['claude-haiku-5-5', { input: 90_001, output: 1_709, cacheRead: 30_011, write5m: 4_999, write1h: 3 }],
    ['claude-fable-5-2', { input: 1, output: 1, cacheRead: 1, write5m: 1, write1h: 1 }],
    ['claude-sonnet-4-5', { input: 777, output: 333, cacheRead: 111, write5m: 55, write1h: 22 }],
  ])('agrees for %s with %o', async (model, usage) => {
    relay.upstream.script(() => ok({ usage }))
    const { result, rows, logged } = await spend(model)
    expect(rows[0]).toMatchObject({
      model, priced: true, inputTokens: usage.input, outputTokens: usage.output, cacheReadTokens: usage.cacheRead,
      cacheWrite5mTokens: usage.write5m, cacheWrite1hTokens: usage.write1h,
    })
    expect(result.total_cost_usd).toBeGreaterThan(0)
    expect(Math.abs(logged - result.total_cost_usd)).toBeLessThan(oneNano)
  })

  it('agrees over the turns of a tool loop', async () => {
    const call = { type: 'tool_use' as const, id: newToolId(), name: 'Bash', input: { command: 'true', description: 'Nothing' } }
    relay.upstream.queue(
      ok({ blocks: [call], usage: { input: 1009, output: 211, cacheRead: 0, write5m: 9001, write1h: 0 } }),
      ok({ usage: { input: 17, output: 307, cacheRead: 9001, write5m: 401, write1h: 0 } }),
    )
    const { result, rows, logged } = await spend('claude-opus-5-5')
    expect(rows).toHaveLength(2)
    expect(Math.abs(logged - result.total_cost_usd)).toBeLessThan(rows.length * oneNano)
  })
})
