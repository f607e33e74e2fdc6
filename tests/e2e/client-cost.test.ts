import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClient } from '../helpers/client'
import { startRelay, type Relay } from '../helpers/relay'
import { describeWith } from '../helpers/services'
import prices from '../../server/billing/data/claude-prices.json'
import { newToolId, type AnswerUsage } from '../../demo/upstream/answer'
import { ok } from '../helpers/upstream/behaviours'
import type { RecordedRequest } from '../helpers/upstream/exchange'

const oneNano = 1e-9
/** Clients that run at the same time. */
const AT_ONCE = 4
const listed = Object.keys(prices.models)
const bash = () => ({ type: 'tool_use' as const, id: newToolId(), name: 'Bash', input: { command: 'true', description: 'Nothing' } })
/** Each turn asks one thing: uncached, cached for 5 minutes and for an hour, read, web searches, fast mode, in the US, all together. */
const turns: AnswerUsage[] = [
  { input: 12_347, output: 3_331, cacheRead: 0, write5m: 0, write1h: 0 },
  { input: 17, output: 211, cacheRead: 0, write5m: 9_001, write1h: 0 },
  { input: 19, output: 223, cacheRead: 9_001, write5m: 0, write1h: 1_013 },
  { input: 23, output: 227, cacheRead: 10_014, write5m: 401, write1h: 0, webSearches: 3 },
  { input: 29, output: 229, cacheRead: 10_415, write5m: 11, write1h: 13, speed: 'fast' },
  { input: 31, output: 233, cacheRead: 10_439, write5m: 101, write1h: 103, inferenceGeo: 'us' },
  { input: 37, output: 239, cacheRead: 10_643, write5m: 7, write1h: 3, webSearches: 1, speed: 'fast', inferenceGeo: 'us' },
  // On both sides of 100,000 prompt tokens, and far behind.
  { input: 60_000, output: 1_709, cacheRead: 30_000, write5m: 5_000, write1h: 5_000 },
  { input: 60_001, output: 1_709, cacheRead: 30_000, write5m: 5_000, write1h: 5_000 },
  { input: 3, output: 5, cacheRead: 290_000, write5m: 7_001, write1h: 0, webSearches: 2 },
]

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

  /** How many tool results a request holds tells which turn it is. */
  function turnOf(request: RecordedRequest): number {
    return request.body.toString().split('"type":"tool_result"').length - 1
  }

  async function overTurns(model: string): Promise<string | null> {
    const client = await createClient({ base: relay.server.relay, key: relay.key.key })
    const run = await client.run('hi', ['--model', model, '--allowedTools', 'Bash'], { CLAUDE_CODE_DISABLE_LEGACY_MODEL_REMAP: '1' })
    const result = run.json()
    await client.remove()
    const rows = await relay.api.waitForLogs(turns.length, { sessionId: result.session_id })
    const asked = model.replace('[1m]', '')
    if (rows.some(row => !row.priced || row.model !== asked)) return `${model}: rows of ${rows.map(row => row.model).join()}`
    const logged = rows.reduce((sum, row) => sum + row.costNano, 0) / 1e9
    return Math.abs(logged - result.total_cost_usd) < turns.length * oneNano && logged > 0 ? null : `${model}: ${logged} here, ${result.total_cost_usd} there`
  }

  async function allOver(models: string[]): Promise<string[]> {
    relay.upstream.script((request) => {
      const turn = turnOf(request)
      return ok({ model: String(request.json?.model), usage: turns[turn], ...turn < turns.length - 1 ? { blocks: [bash()] } : {} })
    })
    const waiting = [...models]
    const problems: string[] = []
    const work = async () => {
      for (let model = waiting.shift(); model !== undefined; model = waiting.shift()) {
        const problem = await overTurns(model)
        if (problem) problems.push(problem)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    relay.upstream.reset()
    return problems
  }

  it('agrees for every model of the price list: uncached, cached, written for 5 minutes and an hour, web search, fast, US, long prompt', async () => {
    expect(await allOver([...listed, 'claude-opus-5-5[1m]', 'claude-opus-4-0'])).toEqual([])
  }, 600_000)
})
