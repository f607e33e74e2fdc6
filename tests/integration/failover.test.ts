import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { faultsBeforeAnswer } from '../helpers/faults-before-answer'
import { send } from '../helpers/http'
import { startPoolServer, type PoolServer } from '../helpers/pool-server'
import { readStream } from '../helpers/sse'
import { ok, status } from '../helpers/upstream/behaviours'

// A user must not notice that an account is limited, broken, slow or gone while another one works.

let pool: PoolServer
beforeAll(async () => {
  pool = await startPoolServer(3, { FIRST_BYTE_TIMEOUT_MS: '300', IDLE_TIMEOUT_MS: '2000' })
})
afterAll(() => pool.close())
beforeEach(() => pool.reset())

async function expectAnswer(stream: boolean): Promise<string> {
  if (!stream) {
    const answer = await send(pool.ask({ stream }))
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ type: 'message', stop_reason: 'end_turn' })
    return String(answer.headers['x-relay-request-id'])
  }
  const seen = await readStream(pool.ask({ stream }))
  expect([seen.status, seen.complete(), seen.violations]).toEqual([200, true, []])
  return String(seen.headers['x-relay-request-id'])
}

describe.each([true, false])('stream %s: with one healthy account left the client sees no error', (stream) => {
  it.each(faultsBeforeAnswer)('%s', async (_, fault) => {
    for (const failing of [1, 2]) {
      await pool.reset()
      pool.upstreams.forEach((upstream, i) => upstream.script(() => i < failing ? fault() : ok()))
      const row = await pool.api.waitForLog(await expectAnswer(stream))
      expect(row).toMatchObject({ outcome: 'ok', status: 200, accountId: pool.accounts[failing]!.id })
      expect(row.attempts.map(({ verdict }) => verdict).at(-1)).toBe('deliver')
      expect(row.attempts).toHaveLength(failing + 1)
    }
  })
})

describe.each([true, false])('stream %s: when every account fails', (stream) => {
  it.each(faultsBeforeAnswer)('%s ends in an error that is not an account\'s own', async (_, fault) => {
    pool.upstreams.forEach(upstream => upstream.script(() => fault()))
    const answer = await send(pool.ask({ stream }))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect([401, 402, 403, 429]).not.toContain(answer.status)
    expect(answer.text).not.toMatch(/credit|organization|secret-of-account/)
    expect((await pool.api.waitForLog(String(answer.headers['x-relay-request-id']))).outcome).not.toBe('ok')
  })
})

describe('what belongs to the caller', () => {
  it.each([400, 404, 413, 422])('status %i goes out at once, unmodified, and leaves the account alone', async (code) => {
    pool.upstreams.forEach(upstream => upstream.script(() => status(code, { message: 'messages.0: your mistake' })))
    const before = pool.upstreams[1]!.requests.length
    const answer = await send(pool.ask())
    expect(answer.status).toBe(code)
    expect(answer.json()).toMatchObject({ error: { message: 'messages.0: your mistake' } })
    expect(pool.upstreams[1]!.requests.length).toBe(before)
    const account = (await pool.api.ok('GET', `/api/accounts/${pool.accounts[0]!.id}`)) as { state: { name: string } }
    expect(account.state.name).toBe('normal')
  })
})

describe('ways to an upstream that do not work', () => {
  it.each([
    ['nobody listens', 'http://127.0.0.1:9'],
    ['the name does not resolve', 'http://no-such-host.invalid'],
    ['TLS against a plain port', ''],
  ])('%s', async (_, baseUrl) => {
    const [first] = pool.accounts
    pool.upstreams.forEach(upstream => upstream.script(() => ok()))
    await pool.api.ok('PATCH', `/api/accounts/${first!.id}`, { baseUrl: baseUrl || pool.upstreams[0]!.url.replace('http:', 'https:') })
    await expectAnswer(true)
    await pool.api.ok('PATCH', `/api/accounts/${first!.id}`, { baseUrl: pool.upstreams[0]!.url })
  })
})

describe('states', () => {
  const stateOf = async (index: number) => ((await pool.api.ok('GET', `/api/accounts/${pool.accounts[index]!.id}`)) as { state: { name: string, reason: string | null, until: number | null } }).state

  it('a limited account rests until its reset and is told in the console', async () => {
    pool.upstreams[0]!.script(() => status(429, { headers: { 'retry-after': '3600' } }))
    pool.upstreams.slice(1).forEach(upstream => upstream.script(() => ok()))
    await expectAnswer(true)
    const before = pool.upstreams[0]!.requests.length
    await expectAnswer(true)
    expect(pool.upstreams[0]!.requests.length).toBe(before)
    const { name, reason, until } = await stateOf(0)
    expect([name, reason]).toEqual(['limited', 'rate_limited'])
    expect(Math.abs((until ?? 0) - Date.now() - 3_600_000)).toBeLessThan(60_000)
  })

  it('one account that is overloaded for a while answers again at once when its upstream is back', async () => {
    pool.upstreams.forEach(upstream => upstream.script(() => status(529)))
    for (let i = 0; i < 12; i++) expect((await send(pool.ask())).status).toBe(529)
    pool.upstreams.forEach(upstream => upstream.script(() => ok()))
    await expectAnswer(true)
  })
})
