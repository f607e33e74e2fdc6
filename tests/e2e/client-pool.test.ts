import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createClient, type Client } from '../helpers/client'
import { faultsBeforeAnswer } from '../helpers/faults-before-answer'
import { startPoolServer, type PoolServer } from '../helpers/pool-server'
import { describeWith } from '../helpers/services'
import { ok } from '../helpers/upstream/behaviours'

const oneNano = 1e-9
const usage = { input: 1_013, output: 211, cacheRead: 7_001, write5m: 401, write1h: 59 }

describeWith(['client'], 'the real client over a pool of which two accounts of three fail', () => {
  let pool: PoolServer
  let client: Client

  beforeAll(async () => {
    pool = await startPoolServer(3, { FIRST_BYTE_TIMEOUT_MS: '300', IDLE_TIMEOUT_MS: '2000' })
    client = await createClient({ base: pool.server.relay, key: pool.key.key })
  })
  afterAll(async () => {
    await client.remove()
    await pool.close()
  })
  beforeEach(async () => {
    pool.upstreams.forEach(upstream => upstream.reset())
    await pool.reset()
  })

  it.each(faultsBeforeAnswer)('%s', async (name, fault) => {
    const words = `Answered in spite of ${name}.`
    pool.upstreams.slice(0, 2).forEach(upstream => upstream.script(() => fault()))
    pool.upstreams[2]!.script(() => ok({ blocks: [{ type: 'text', text: words }], usage }))
    const result = (await client.run('hi', ['--model', 'claude-sonnet-5-5'])).json()
    expect(result).toMatchObject({ result: words, is_error: false })
    const [row] = await pool.api.waitForLogs(1, { sessionId: result.session_id })
    expect(row).toMatchObject({ outcome: 'ok', accountId: pool.accounts[2]!.id, inputTokens: usage.input, outputTokens: usage.output })
    expect(row!.attempts).toHaveLength(3)
    expect(Math.abs(row!.costNano / 1e9 - result.total_cost_usd)).toBeLessThan(oneNano)
    expect(pool.upstreams[2]!.requests).toHaveLength(1)
  })
})
