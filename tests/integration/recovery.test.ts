import { afterEach, describe, expect, it } from 'vitest'
import type { AccountTestView, AccountView } from '#shared/types/api'
import { readAccountHistory } from '../helpers/account-history'
import { send } from '../helpers/http'
import { startPoolServer, type PoolServer } from '../helpers/pool-server'
import { readStream } from '../helpers/sse'
import { poll } from '../helpers/until'
import { ok, status } from '../helpers/upstream/behaviours'

// A pool heals itself: an account is used again when its reset is over, its fault is mended, or its upstream is back.

const OUTAGE_MS = Number(process.env.OUTAGE_MS ?? 4_000)

let pool: PoolServer
afterEach(() => pool.close())

const stateOf = async (index: number) => (await pool.api.ok<AccountView>('GET', `/api/accounts/${pool.accounts[index]!.id}`)).state
const askedOf = (index: number): number => pool.upstreams[index]!.requests.length
const answered = async (): Promise<number> => (await send(pool.ask({ stream: false }))).status

describe('a limited account', () => {
  it('is used again at its reset, and its history explains each change', async () => {
    pool = await startPoolServer(2)
    pool.upstreams[0]!.queue(status(429, { headers: { 'retry-after': '6' } }))
    const limitedAt = Date.now()
    expect(await answered()).toBe(200)
    expect(await stateOf(0)).toMatchObject({ name: 'limited', reason: 'rate_limited' })
    const backAt = await poll(async () => {
      expect(await answered()).toBe(200)
      return askedOf(0) > 1 ? Date.now() : undefined
    }, 'the limited account to be used again')
    expect(Math.abs(backAt - limitedAt - 6_000)).toBeLessThan(5_000)
    expect(backAt - limitedAt).toBeGreaterThan(5_900)
    await pool.server.stop()
    expect(await readAccountHistory(pool.server.dataDir, pool.accounts[0]!.id)).toEqual([['normal', 'limited', 'rate_limited'], ['limited', 'normal', expect.stringMatching(/^(?:worked|time_over)$/)]])
  })

  it('that is the only one lets the client wait for as long as it takes', async () => {
    pool = await startPoolServer(1)
    pool.upstreams[0]!.queue(status(429, { headers: { 'retry-after': '5' } }))
    await answered()
    const refused = await send(pool.ask())
    const seconds = Number(refused.headers['retry-after'])
    expect([refused.status, refused.json()]).toEqual([503, expect.objectContaining({ error: expect.objectContaining({ details: { error_code: 'pool_wait' } }) as object })])
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(5)
    await poll(async () => await answered() === 200 ? true : undefined, 'the only account to be used again', seconds * 1000 + 2_000)
  })
})

describe('an abnormal account', () => {
  it('is put back by hand, or by a test that passes, and its history explains each change', async () => {
    pool = await startPoolServer(2)
    const { id } = pool.accounts[0]!
    const test = () => pool.api.ok<AccountTestView>('POST', `/api/accounts/${id}/test`, {})
    pool.upstreams[0]!.script(() => status(401, { message: 'invalid x-api-key' }))
    expect(await answered()).toBe(200)
    expect(await stateOf(0)).toMatchObject({ name: 'abnormal', reason: 'unauthorized' })
    expect(await test()).toMatchObject({ ok: false, status: 401, message: 'authentication_error: invalid x-api-key' })
    const before = askedOf(0)
    expect(await answered()).toBe(200)
    expect(askedOf(0)).toBe(before)
    await pool.api.ok('POST', `/api/accounts/${id}/reset-state`)
    expect(await stateOf(0)).toMatchObject({ name: 'normal', reason: null })
    expect(await answered()).toBe(200)
    expect(askedOf(0)).toBe(before + 1)
    expect(await stateOf(0)).toMatchObject({ name: 'abnormal' })
    pool.upstreams[0]!.script(() => ok())
    expect(await test()).toMatchObject({ ok: true, status: 200, probe: 'messages', message: '' })
    expect(await stateOf(0)).toMatchObject({ name: 'normal', reason: null })
    const tested = askedOf(0)
    expect(await answered()).toBe(200)
    expect(askedOf(0)).toBe(tested + 1)
    await pool.server.stop()
    expect(await readAccountHistory(pool.server.dataDir, id)).toEqual([
      ['normal', 'abnormal', 'unauthorized'], ['abnormal', 'normal', 'by_hand'], ['normal', 'abnormal', 'unauthorized'], ['abnormal', 'normal', 'probe_ok'],
    ])
  })

  it('is abnormal still after a restart', async () => {
    pool = await startPoolServer(2)
    pool.upstreams[0]!.script(() => status(403))
    expect(await answered()).toBe(200)
    await pool.server.stop()
    await pool.server.restart()
    const before = askedOf(0)
    expect(await answered()).toBe(200)
    expect(askedOf(0)).toBe(before)
  })
})

describe.each([1, 3])('an upstream that is overloaded as a whole, with a pool of %i', (size) => {
  it(`for ${OUTAGE_MS} ms is used again within 2 s of its return, by all who ask`, { timeout: OUTAGE_MS + 90_000 }, async ({ annotate }) => {
    pool = await startPoolServer(size)
    pool.upstreams.forEach(upstream => upstream.script(() => status(529)))
    const end = Date.now() + OUTAGE_MS
    let asked = 0
    await poll(async () => {
      const answers = await Promise.all([send(pool.ask()), send(pool.ask({ stream: false }))])
      asked += answers.length
      expect(answers.map(answer => answer.status)).toEqual([529, 529])
      return Date.now() > end ? true : undefined
    }, 'the trouble to last', OUTAGE_MS + 5_000)
    expect((await stateOf(0)).name).toBe('cooling')
    pool.upstreams.forEach(upstream => upstream.script(() => ok()))
    const back = performance.now()
    const seen = await Promise.all(Array.from({ length: 8 }, () => readStream(pool.ask())))
    const took = Math.round(performance.now() - back)
    expect(seen.map(stream => [stream.status, stream.complete()])).toEqual(seen.map(() => [200, true]))
    expect(took).toBeLessThan(2_000)
    await annotate(`${asked} requests were refused; 8 asked at the return were answered in full after ${took} ms`)
    await poll(async () => {
      await answered()
      return (await stateOf(0)).name === 'normal' ? true : undefined
    }, 'the first account to be normal again', 330_000)
    await pool.server.stop()
    const history = await readAccountHistory(pool.server.dataDir, pool.accounts[0]!.id)
    expect(history.at(0)).toEqual(['normal', 'cooling', 'overloaded'])
    expect(history.at(-1)).toEqual(['cooling', 'normal', 'worked'])
  })
})
